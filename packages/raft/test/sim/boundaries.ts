import type { FaultKind, Range, SeededRandom, SimulatedNode, Simulation } from '@disruptorx/testkit'

/** Where between two things that a `Ready` asks for a process may end: each is a state that another order of storage work would not survive. */
export const boundaries = ['before-save', 'within-save', 'saved-not-sent', 'sent-not-applied', 'applied-not-advanced'] as const

/** One of {@link boundaries}. */
export type Boundary = (typeof boundaries)[number]

interface Plan {
  readonly boundary: Boundary
  /** Passes that are let through before. */
  left: number
  /** Whether the machine loses its power too. */
  readonly isPowerCut: boolean
}

/** Ends processes at the boundaries of what a `Ready` asks for, and counts where that happened. */
export class Boundaries {
  readonly #sim: Simulation
  readonly #nodes: readonly SimulatedNode[]
  readonly #plans = new Map<string, Plan>()

  constructor(sim: Simulation, nodes: readonly SimulatedNode[]) {
    this.#sim = sim
    this.#nodes = nodes
  }

  /** A nemesis's fault: the process of some node ends at some boundary. */
  fault(weight: number, downMs: Range): FaultKind {
    for (const boundary of boundaries) this.#sim.coverage.expect(`boundary.${boundary}`)
    return {
      name: 'crashAtBoundary',
      weight,
      durationMs: downMs,
      begin: random => {
        const node = this.#pick(random)
        if (node === undefined) return undefined
        this.#plans.set(node.name, { boundary: random.pick(boundaries), left: random.below(4), isPowerCut: random.chance(0.5) })
        return () => {
          this.#plans.delete(node.name)
          node.disk.stopAfter(Number.POSITIVE_INFINITY)
          node.start()
        }
      },
    }
  }

  /** A process has come to a boundary. True when it ended there: nothing of it may go on. */
  ends(name: string, boundary: Boundary): boolean {
    const plan = this.#plans.get(name)
    if (plan?.boundary !== boundary || plan.left-- > 0) return false
    this.#plans.delete(name)
    this.#sim.coverage.count(`boundary.${boundary}`)
    const node = this.#nodes.find(one => one.name === name)
    node?.kill()
    if (plan.isPowerCut) this.#sim.schedule(0, () => node?.crash())
    return true
  }

  /** A process begins to save something. True when it is to end before that is done: `ends` is to be asked in the middle of it. */
  endsWithinSave(name: string): boolean {
    const plan = this.#plans.get(name)
    return plan?.boundary === 'within-save' && plan.left-- <= 0
  }

  #pick(random: SeededRandom): SimulatedNode | undefined {
    const well = this.#nodes.filter(({ name, state }) => state === 'running' && !this.#plans.has(name))
    return well.length === 0 ? undefined : random.pick(well)
  }
}
