import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { SeededRandom } from '../seeded-random.ts'
import { checkRange, drawFrom, type Range } from '../simulation/range.ts'
import type { Simulation } from '../simulation/simulation.ts'

/** Ends a fault. Called once. */
export type Recovery = () => void

/** A kind of fault that a nemesis draws. */
export interface FaultKind {
  /** Counts in the coverage as `nemesis.` and this. */
  readonly name: string
  /** How often it is drawn, compared with the others. From 0, which is never. */
  readonly weight: number
  /** How long it lasts, in milliseconds. */
  readonly durationMs: Range
  /** Begins it, and returns what ends it. Undefined when it cannot begin now: nothing was done. */
  begin(random: SeededRandom): Recovery | undefined
}

/** How a nemesis works. */
export interface NemesisOptions {
  readonly kinds: readonly FaultKind[]
  /** Time from one fault to the next, in milliseconds. @default { least: 20, most: 2_000 } */
  readonly everyMs?: Range
  /** Faults that may last at the same time. From 1 to 1,000. @default 3 */
  readonly mostAtOnce?: number
  /** Names its source of chance, for worlds with more than one. @default 'nemesis' */
  readonly name?: string
}

interface Active {
  readonly kind: FaultKind
  readonly recover: Recovery
}

/**
 * Draws faults over time, each with its end, until it is told to let the world heal.
 *
 * @example
 * const nemesis = new Nemesis(sim, { kinds: [...nodeFaults(nodes), ...networkFaults(network, names)] })
 * nemesis.start()
 * await sim.run({ forMs: 60_000 })
 * nemesis.stop() // everything that it began has ended; what it broke for good, and whatever else fails, is not its affair: `heal` of nodes and network
 */
export class Nemesis {
  readonly #sim: Simulation
  readonly #kinds: readonly FaultKind[]
  readonly #everyMs: Range
  readonly #mostAtOnce: number
  readonly #random: SeededRandom
  readonly #active = new Set<Active>()
  #running = false
  /** Which start this is: what an earlier one scheduled is void. */
  #starts = 0

  /** @throws {OptionError} */
  constructor(sim: Simulation, options: NemesisOptions) {
    this.#sim = sim
    this.#kinds = options.kinds
    for (const { name, weight, durationMs } of options.kinds) {
      if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw new OptionError(`weight of ${name}`, weight, 'a number of at least 0')
      checkRange(`durationMs of ${name}`, durationMs)
      if (weight > 0) sim.coverage.expect(`nemesis.${name}`)
    }
    this.#everyMs = options.everyMs ?? { least: 20, most: 2_000 }
    checkRange('everyMs', this.#everyMs)
    this.#mostAtOnce = wholeNumber('mostAtOnce', options.mostAtOnce ?? 3, 1, 1_000)
    this.#random = sim.randomFor('nemesis', options.name ?? 'nemesis')
  }

  /** Names of the faults that last now. */
  get active(): string[] {
    return [...this.#active].map(({ kind }) => kind.name)
  }

  /** Begins to draw faults. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#next(++this.#starts)
  }

  /** Draws no more, and ends every fault that lasts. */
  stop(): void {
    this.#running = false
    for (const active of [...this.#active]) this.#end(active)
  }

  #next(start: number): void {
    this.#sim.schedule(drawFrom(this.#everyMs, this.#random) * 1e6, () => {
      if (!this.#running || start !== this.#starts) return
      if (this.#active.size < this.#mostAtOnce) this.#strike()
      this.#next(start)
    })
  }

  #strike(): void {
    const kind = this.#draw()
    if (kind === undefined) return
    const durationMs = drawFrom(kind.durationMs, this.#random)
    const recover = kind.begin(this.#random)
    if (recover === undefined) return
    this.#sim.coverage.count(`nemesis.${kind.name}`)
    this.#sim.trace?.fault('nemesis', kind.name, { forMs: Math.round(durationMs) })
    const active = { kind, recover }
    this.#active.add(active)
    this.#sim.schedule(durationMs * 1e6, () => this.#end(active))
  }

  #draw(): FaultKind | undefined {
    let sum = 0
    for (const { weight } of this.#kinds) sum += weight
    let left = this.#random.float() * sum
    for (const kind of this.#kinds) {
      left -= kind.weight
      if (left < 0) return kind
    }
    return undefined
  }

  #end(active: Active): void {
    if (!this.#active.delete(active)) return
    this.#sim.trace?.record('nemesis', `${active.kind.name} ends`)
    active.recover()
  }
}
