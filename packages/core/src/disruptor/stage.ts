import type { Sequence } from '@disruptorx/contracts'
import type { NodeDescription } from './describe.ts'
import type { DisruptorRing } from './disruptor-ring.ts'
import type { Fault } from './fault.ts'
import { type Place, SoloPlace } from './place.ts'
import { PoolPlace } from './pool-place.ts'
import { Seat, type SeatContext } from './seat.ts'
import type { Declared } from './topology.ts'

/** A node of the graph in its ring, from its declaration to its removal. */
export class Stage<E> {
  readonly node: Declared<E>
  readonly seats: readonly Seat<E>[]
  readonly #place: Place
  /** What it comes after, as of the last start. */
  #after: readonly Stage<E>[] = []

  /** Takes its place in the ring. `after`: what it comes after, as far as that is declared. @throws {TableFullError | OptionError} */
  constructor(node: Declared<E>, ring: DisruptorRing<E>, after: readonly Stage<E>[]) {
    this.node = node
    this.#place = node.competing
      ? new PoolPlace(
          ring,
          node.members.length,
          after.map(stage => stage.#place),
        )
      : new SoloPlace(ring)
    this.seats = node.members.map(member => new Seat(member, this.#place))
  }

  /** Settles what it comes after. While it does not run. */
  follow(after: readonly Stage<E>[]): void {
    this.#after = after
    this.#place.follow(after.map(stage => stage.#place))
  }

  /** The highest sequence that it has dealt with. */
  released(): Sequence {
    return this.#place.inRing.released()
  }

  /** Says what would keep its handlers from starting. @throws {OptionError} */
  check(context: SeatContext<E>): void {
    for (const seat of this.seats) seat.check(context)
  }

  /** Starts its handlers. Rejects with the fault of one of them, when all have started or failed. */
  async start(context: SeatContext<E>, signal: AbortSignal): Promise<void> {
    const outcomes = await Promise.allSettled(this.seats.map(seat => seat.start(context, signal)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** Asks its handlers to end after the batch in hand. */
  stop(): void {
    for (const seat of this.seats) seat.stop()
  }

  /** Waits until its handlers have ended, by force after `graceMs`, and tells what they threw. */
  async close(graceMs: number): Promise<readonly Fault[]> {
    const outcomes = await Promise.allSettled(this.seats.map(seat => seat.close(graceMs)))
    return outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as Fault] : []))
  }

  /** Leaves the ring: publishers no longer wait for it. */
  leave(): void {
    this.#place.leave()
  }

  /**
   * How far it gets, if nothing is published after `cursor`: no further than what it comes after, or than where its handlers ended by themselves.
   *
   * @param known the goals of other stages, as far as they are known; this one's is added
   */
  goal(cursor: Sequence, known: Map<Stage<E>, Sequence>): Sequence {
    const before = known.get(this)
    if (before !== undefined) return before
    const upstream = Math.min(cursor, ...this.#after.map(stage => stage.goal(cursor, known)))
    const goal = this.seats.every(seat => seat.ended) ? Math.min(upstream, this.released()) : upstream
    known.set(this, goal)
    return goal
  }

  /** The node as data. */
  describe(after: readonly string[]): NodeDescription {
    const { name, group, competing } = this.node
    const [first, ...others] = this.seats.map(seat => seat.describe())
    const common = { name, after, ...(group !== undefined && group !== name && { group }), sequence: this.released() }
    if (competing || first === undefined) return { ...common, kind: 'workPool', members: first === undefined ? [] : [first, ...others] }
    return { ...first, ...common }
  }
}
