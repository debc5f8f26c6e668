import type { RaftConfig } from '@disruptorx/raft'
import { Cluster } from './cluster.ts'

/** Milliseconds of a tick. */
export const TICK = 100
/** Nine ticks of promise: the tenth may come at once. */
export const PROMISE = 900

/** A cluster whose members have clocks of their own, which go when the test says so. */
export class Leased extends Cluster {
  readonly clocks = new Map<number, number>()

  constructor(config: Partial<RaftConfig> = {}, voters = [1, 2, 3]) {
    super({ voters, config: { electionTick: 10, preVote: false, lease: { tickMs: TICK, maxClockDriftPpm: 0 }, ...config } })
    for (const id of voters) this.clocks.set(id, 0)
  }

  now(id: number): number {
    return this.clocks.get(id) ?? 0
  }

  /** So many milliseconds pass for a member, with one tick at their end. */
  pass(id: number, ms: number): void {
    this.clocks.set(id, this.now(id) + ms)
    this.member(id).node.tick(this.now(id))
    this.settle()
  }

  passAll(ticks: number): void {
    for (let i = 0; i < ticks; i++) for (const id of this.clocks.keys()) this.pass(id, TICK)
  }

  /** What was promised before the start is over. */
  begin(): this {
    this.passAll(10)
    this.elect(1)
    return this
  }
}
