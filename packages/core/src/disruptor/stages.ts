import type { Sequence } from '@disruptorx/contracts'
import type { NodeDescription } from './describe.ts'
import { type DisruptorRing, isShared } from './disruptor-ring.ts'
import type { Fault } from './fault.ts'
import type { SeatContext } from './seat.ts'
import { Stage } from './stage.ts'
import type { Declaration, Declared, Topology } from './topology.ts'

/** The nodes of a graph with their places in the ring: whoever is in the one is in the other. */
export class Stages<E> {
  readonly #topology: Topology<E>
  readonly #ring: DisruptorRing<E>
  readonly #byName = new Map<string, Stage<E>>()

  constructor(topology: Topology<E>, ring: DisruptorRing<E>) {
    this.#topology = topology
    this.#ring = ring
  }

  get all(): readonly Stage<E>[] {
    return [...this.#byName.values()]
  }

  /** The stage of a node. */
  of(node: Declared<E>): Stage<E> {
    return this.#byName.get(node.name) as Stage<E>
  }

  /**
   * Adds nodes to the graph and the ring, or to neither.
   *
   * @throws {OptionError | TableFullError}
   * @throws {UnknownDependencyError} handlers share the events of a ring of objects, and come after what is not declared yet
   */
  join(declaration: Declaration<E>): readonly Declared<E>[] {
    const { competing, after, group = 'workPool' } = declaration
    const upstream = competing && !isShared(this.#ring) ? this.#topology.find(after, group).map(node => this.of(node)) : []
    const nodes = this.#topology.add(declaration)
    const joined: Stage<E>[] = []
    try {
      for (const node of nodes) joined.push(new Stage(node, this.#ring, upstream))
    } catch (error) {
      this.#topology.drop(nodes)
      for (const stage of joined) stage.leave()
      throw error
    }
    for (const stage of joined) this.#byName.set(stage.node.name, stage)
    return nodes
  }

  /** Settles whom nodes come after, and returns their stages in that order. @param nodes which do not run @throws what keeps their handlers from starting */
  plan(context: SeatContext<E>, nodes?: readonly Declared<E>[]): readonly Stage<E>[] {
    const order = this.#topology.resolve().filter(({ name }) => nodes === undefined || nodes.some(node => node.name === name))
    return order.map(node => {
      const stage = this.of(node)
      stage.follow(node.after.flatMap(name => this.#byName.get(name) ?? []))
      stage.check(context)
      return stage
    })
  }

  /** Takes nodes out of the graph: nobody can depend on them any more. Their places stay until {@link leave}. @throws {HandlerInUseError} */
  withdraw(nodes: readonly Declared<E>[]): void {
    this.#topology.remove(nodes)
  }

  /** Takes nodes out of the graph that were just added. Their places stay until {@link leave}. */
  drop(nodes: readonly Declared<E>[]): void {
    this.#topology.drop(nodes)
  }

  /** Ends nodes that were withdrawn, and takes them out of the ring. @returns what their handlers threw */
  async leave(nodes: readonly Declared<E>[], graceMs: number): Promise<readonly Fault[]> {
    const stages = nodes.map(node => this.of(node))
    for (const stage of stages) stage.stop()
    const faults = await Promise.all(stages.map(stage => stage.close(graceMs)))
    this.#depart(stages)
    for (const { node } of stages) this.#byName.delete(node.name)
    return faults.flat()
  }

  /** Takes everything out of the ring. */
  leaveAll(): void {
    this.#depart(this.all)
  }

  /** The last first: what comes after something was declared later, where the ring itself knows of it. */
  #depart(stages: readonly Stage<E>[]): void {
    for (const stage of this.all.toReversed()) if (stages.includes(stage)) stage.leave()
  }

  /** Whether every handler has dealt with all that was published, as far as it ever will. */
  get isHandled(): boolean {
    const cursor = this.#ring.cursor.get()
    const goals = new Map<Stage<E>, Sequence>()
    return this.all.every(stage => stage.released() >= stage.goal(cursor, goals))
  }

  /** The handler on this event loop that is being called right now, and has not returned: whoever asks is called by it. */
  get busy(): string | undefined {
    for (const { seats } of this.#byName.values()) for (const seat of seats) if (seat.isBusy) return seat.member.name
    return undefined
  }

  /** Every node after all that it depends on, as data. @throws {UnknownDependencyError | DependencyCycleError} */
  describe(): readonly NodeDescription[] {
    return this.#topology.resolve().map(node => this.of(node).describe(node.after))
  }
}
