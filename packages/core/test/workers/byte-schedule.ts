/**
 * Runs the real code of several threads one atomic operation at a time, in an order that is given beforehand.
 *
 * `Atomics` is replaced on each thread: before every operation on the ring's memory the thread counts a step, and passes the turn to another
 * one where the schedule says so. Only the thread whose turn it is runs. A thread can also be told to die at one of its steps.
 */

/** The last one drives the rounds, and reclaims. */
export const AGENTS = 4
export const DRIVER = AGENTS - 1
export const CONSUMER = 2

/** Words of the control memory. */
const GO = 0
const STATE = 4
const DIE_AT = 8
const OWN_STEPS = 12
const STEPS = 16
const SWITCHES = 17
const NEXT_SWITCH = 18
const ORDER = 20
const PLAN = 24
const MOST_SWITCHES = 16
/** What producers say they have written and published, bit by bit, for each of them. */
export const WRITTEN = 64
export const PUBLISHED = 68
/** What the consumer got: how many, then ids; -1 for a damaged record. */
export const LOG = 72
export const CONTROL_WORDS = 256

/** States of an agent. */
const RUNNING = 0
const DONE = 1
const DEAD = 2

export interface Schedule {
  /** Who begins, and who goes on when another one is done. */
  readonly order: readonly number[]
  /** At which of its own steps each agent dies; -1 for never. */
  readonly dieAt: readonly number[]
  /** At which step overall the turn goes to whom, in order. */
  readonly switches: readonly (readonly [step: number, agent: number])[]
}

export interface AgentData {
  readonly agent: number
  readonly control: SharedArrayBuffer
  readonly ring: unknown
  readonly rounds: unknown
}

const real = globalThis.Atomics

/** What a thread throws to itself in order to die. */
class Death extends Error {}

export class Turnstile {
  readonly words: Int32Array
  readonly #agent: number
  readonly #memory: SharedArrayBuffer
  #counting = false

  constructor(data: AgentData, memory: SharedArrayBuffer) {
    this.words = new Int32Array(data.control)
    this.#agent = data.agent
    this.#memory = memory
    const names = ['load', 'store', 'add', 'sub', 'exchange', 'compareExchange'] as const
    const wrapped = names.map(name => {
      const operation = real[name] as (words: Int32Array, ...rest: number[]) => number
      const stopped = (words: Int32Array, ...rest: number[]) => {
        if (this.#counting && words.buffer === this.#memory) this.#step()
        return operation(words, ...rest)
      }
      return [name, stopped]
    })
    globalThis.Atomics = Object.assign(Object.create(real), Object.fromEntries(wrapped)) as Atomics
  }

  /** Runs a program with all its steps counted, then passes the turn on. Not to be called unless it is this agent's turn. */
  run(program: () => void): void {
    this.#counting = true
    let state = DONE
    try {
      program()
    } catch (error) {
      if (!(error instanceof Death)) throw error
      state = DEAD
    } finally {
      this.#counting = false
    }
    this.words[STATE + this.#agent] = state
  }

  /** Whose turn it is when this agent is done; the driver when nobody else is left. */
  next(): number {
    for (let place = 0; place < AGENTS; place++) {
      const agent = this.words[ORDER + place] as number
      if (this.#mayRun(agent)) return agent
    }
    return DRIVER
  }

  pass(agent: number): void {
    real.store(this.words, GO + agent, 1)
    real.notify(this.words, GO + agent)
  }

  /** Sleeps until it is this agent's turn. */
  wait(): void {
    while (real.compareExchange(this.words, GO + this.#agent, 1, 0) === 0) real.wait(this.words, GO + this.#agent, 0)
  }

  isDead(agent: number): boolean {
    return this.words[STATE + agent] === DEAD
  }

  isDone(agent: number): boolean {
    return this.words[STATE + agent] !== RUNNING
  }

  /** Prepares a round. */
  plan(schedule: Schedule): void {
    const { words } = this
    words.fill(0)
    for (let agent = 0; agent < AGENTS; agent++) {
      words[DIE_AT + agent] = schedule.dieAt[agent] ?? -1
      words[ORDER + agent] = schedule.order[agent] as number
    }
    if (schedule.switches.length > MOST_SWITCHES) throw new Error('too many switches')
    words[SWITCHES] = schedule.switches.length
    schedule.switches.forEach(([step, agent], index) => {
      words[PLAN + 2 * index] = step
      words[PLAN + 2 * index + 1] = agent
    })
  }

  /** How many steps the round took. */
  get steps(): number {
    return this.words[STEPS] as number
  }

  /** How many of them were this agent's. */
  stepsOf(agent: number): number {
    return this.words[OWN_STEPS + agent] as number
  }

  /** The driver, as an agent, reclaims: which it may once somebody is dead. */
  #mayRun(agent: number): boolean {
    if (this.isDone(agent)) return false
    return agent !== DRIVER || [0, 1, 2].some(other => this.isDead(other))
  }

  #step(): void {
    const { words } = this
    const agent = this.#agent
    const step = words[STEPS] as number
    words[STEPS] = step + 1
    const own = words[OWN_STEPS + agent] as number
    words[OWN_STEPS + agent] = own + 1
    if (words[DIE_AT + agent] === own) throw new Death()
    const index = words[NEXT_SWITCH] as number
    if (index === words[SWITCHES] || step < (words[PLAN + 2 * index] as number)) return
    words[NEXT_SWITCH] = index + 1
    const other = words[PLAN + 2 * index + 1] as number
    if (other === agent || !this.#mayRun(other)) return
    this.pass(other)
    this.wait()
  }
}
