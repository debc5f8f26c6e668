/**
 * Runs the real code of several threads one atomic operation at a time.
 *
 * `Atomics` is replaced on each thread. Only the thread whose turn it is runs; before each of its operations on shared memory it may die, and
 * the turn may go to another one: by lot, drawn from a seed in the control memory, or at a step that is given. `Atomics.wait` is a state: a
 * thread that sleeps gets no turn before another notifies it, and when nobody can have one, the round is at rest.
 */

/** Two producers, two consumers, one that reclaims, and one that drives the rounds and has no part in them. */
export const CONSUMERS = 2
export const RECLAIMER = 4
export const AGENTS = 5
export const DRIVER = 5

/** States of an agent. */
export const IDLE = 0
export const RUNNING = 1
export const SLEEPING = 2
export const DONE = 3
export const DEAD = 4
export const RECLAIMED = 5

/** Words of the control memory. */
const GO = 0
export const STATE = 8
/** At which of its own steps in this life an agent dies; -1 for never. And 2 more than the same for its next life, 0 where there is none. */
export const DIE_AT = 16
export const REBORN = 24
const SLEEP_MEMORY = 32
const SLEEP_INDEX = 40
const OWN_STEPS = 48
export const STEPS = 56
export const LOT = 57
/** Of 256 steps, so many pass the turn. */
export const SWITCHING = 58
/** At this step the turn goes to this agent. */
export const SWITCH_AT = 59
export const SWITCH_TO = 60
export const ENDED = 61
export const ROUND = 62
/** Which ring the round is about, and what its programs are drawn from. */
export const RING = 63
export const PROGRAM = 64
/** How many agents died in this round. */
export const DEATHS = 65
/** What producers tried to publish and have published: a bit for each event. */
export const TRIED = 72
export const PUBLISHED = 80
/** Where each consumer began, and what it got: how many, then pairs of a sequence and an id. All counted from the ring's first sequence. */
export const BEGAN = 88
export const MOST_LOG = 128
export const LOG = 96
export const LOG_WORDS = 1 + 2 * MOST_LOG
export const CONTROL_WORDS = LOG + 4 * LOG_WORDS

/** Why a round ended: at rest, in circles, or by an error. */
export const AT_REST = 1
export const ENDLESS = 2
export const FAILED = 3

/** A round that takes more is going in circles. */
const MOST_STEPS = 20_000

const real = globalThis.Atomics

/** What a thread throws to itself in order to be gone from the code that it is in. */
class Gone extends Error {}

/** Chance that needs one word. Algorithm: Marsaglia xorshift32. */
export class Lot {
  readonly #words: Int32Array
  readonly #at: number

  constructor(seed: number, words: Int32Array = new Int32Array(1), at = 0) {
    this.#words = words
    this.#at = at
    if (seed !== 0) words[at] = Math.imul(seed, 0x9e37_79b1) ^ 0x5bd1_e995 || 1
  }

  below(n: number): number {
    let x = this.#words[this.#at] as number
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#words[this.#at] = x
    return (((x >>> 0) / 2 ** 32) * n) | 0
  }
}

export class Turnstile {
  readonly words: Int32Array
  readonly #agent: number
  readonly #memories: readonly SharedArrayBuffer[]
  #counting = false
  #gone = false

  /** @param memories what operations count as steps on */
  constructor(agent: number, control: SharedArrayBuffer, memories: readonly SharedArrayBuffer[]) {
    this.words = new Int32Array(control)
    this.#agent = agent
    this.#memories = memories
    const wrapped: Record<string, unknown> = {
      wait: (words: Int32Array, index: number, value: number) => this.#sleep(words, index, value),
      notify: (words: Int32Array, index: number) => this.#notify(words, index),
    }
    for (const name of ['load', 'store', 'add', 'sub', 'exchange', 'compareExchange'] as const) {
      const operation = real[name] as (words: Int32Array, ...rest: number[]) => number
      wrapped[name] = (words: Int32Array, ...rest: number[]) => {
        if (this.#counts(words)) this.#step()
        return operation(words, ...rest)
      }
    }
    globalThis.Atomics = Object.assign(Object.create(real), wrapped) as Atomics
  }

  /** A lot of this round, the same for every agent whatever the order. */
  lot(salt: number): Lot {
    return new Lot(Math.imul((this.words[PROGRAM] as number) + salt, 0x85eb_ca6b) | 1)
  }

  /** Runs a program with all its steps counted. What becomes of the agent. */
  run(program: () => void): typeof DONE | typeof DEAD {
    this.#counting = true
    this.#gone = false
    this.words[OWN_STEPS + this.#agent] = 0
    try {
      program()
      return DONE
    } catch (error) {
      if (!(error instanceof Gone)) throw error
      return this.words[ENDED] === 0 ? DEAD : DONE
    } finally {
      this.#counting = false
    }
  }

  /** Gives the turn to somebody who can use it; to the driver when there is nobody. Then waits for the next turn. */
  passOn(): void {
    const other = this.words[ENDED] === 0 ? this.#draw() : undefined
    this.pass(other ?? DRIVER)
    this.wait()
  }

  pass(agent: number): void {
    real.store(this.words, GO + agent, 1)
    real.notify(this.words, GO + agent)
  }

  /** Sleeps until it is this agent's turn. */
  wait(): void {
    while (real.compareExchange(this.words, GO + this.#agent, 1, 0) === 0) real.wait(this.words, GO + this.#agent, 0)
  }

  #counts(words: Int32Array): boolean {
    return this.#counting && this.#memories.includes(words.buffer as SharedArrayBuffer)
  }

  #step(): void {
    const { words } = this
    // Once gone, gone: nothing on the way out has any effect.
    if (this.#gone) throw new Gone()
    const step = words[STEPS] as number
    words[STEPS] = step + 1
    const own = words[OWN_STEPS + this.#agent] as number
    words[OWN_STEPS + this.#agent] = own + 1
    if (step >= MOST_STEPS) words[ENDED] = ENDLESS
    if (words[DIE_AT + this.#agent] === own) this.#leave()
    const other =
      step === words[SWITCH_AT] ? words[SWITCH_TO] : this.#lot().below(256) < (words[SWITCHING] as number) ? this.#draw() : undefined
    if (other !== undefined && other !== this.#agent && words[STATE + other] === RUNNING) {
      this.pass(other)
      this.wait()
    }
    if (words[ENDED] !== 0) this.#leave()
  }

  #leave(): never {
    this.#gone = true
    throw new Gone()
  }

  #lot(): Lot {
    return new Lot(0, this.words, LOT)
  }

  #draw(): number | undefined {
    const able: number[] = []
    for (let agent = 0; agent < AGENTS; agent++) if (this.words[STATE + agent] === RUNNING) able.push(agent)
    return able[this.#lot().below(able.length)]
  }

  #sleep(words: Int32Array, index: number, value: number): 'ok' | 'not-equal' {
    if (!this.#counts(words)) throw new Error('a sleep outside of the model')
    this.#step()
    if (real.load(words, index) !== value) return 'not-equal'
    const control = this.words
    control[SLEEP_MEMORY + this.#agent] = this.#memories.indexOf(words.buffer as SharedArrayBuffer)
    control[SLEEP_INDEX + this.#agent] = index
    control[STATE + this.#agent] = SLEEPING
    this.passOn()
    if (control[ENDED] !== 0) this.#leave()
    return 'ok'
  }

  #notify(words: Int32Array, index: number): number {
    // Between rounds nobody sleeps.
    if (!this.#counts(words)) return 0
    this.#step()
    const control = this.words
    const memory = this.#memories.indexOf(words.buffer as SharedArrayBuffer)
    let woken = 0
    for (let agent = 0; agent < AGENTS; agent++) {
      if (control[STATE + agent] !== SLEEPING || control[SLEEP_MEMORY + agent] !== memory || control[SLEEP_INDEX + agent] !== index)
        continue
      control[STATE + agent] = RUNNING
      woken++
    }
    return woken
  }
}
