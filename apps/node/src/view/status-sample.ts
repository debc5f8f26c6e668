import type { BookTop } from '@disruptorx/exchange'

/** Percentiles of one duration since the start, in nanoseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** What is told of a live node at one moment: what its view shows, and what `/status` answers. */
export interface StatusSample {
  /** `running`; `draining` once asked to end; `failed` when the node stopped by itself. */
  readonly state: 'running' | 'draining' | 'failed'
  /** Why it failed. */
  readonly failure?: string
  /** Seconds since this run began. */
  readonly uptimeSeconds: number
  readonly dataDir: string
  readonly durability: 'fsync' | 'interval' | 'none'
  readonly seed: number
  /** Events per second that the generator is asked for. */
  readonly rate: number
  /** Events per second that became durable over the last moments. */
  readonly eventsPerSecond: number
  /** Events of all runs: the number of the last one published, durable, applied. */
  readonly events: { readonly published: number; readonly durable: number; readonly applied: number }
  /** How many events each stage is behind the one before it. */
  readonly lag: { readonly durable: number; readonly applied: number }
  /** From publish to durable, and from publish to applied. */
  readonly latencyNs: { readonly durable: Percentiles; readonly applied: Percentiles }
  readonly log: {
    readonly firstIndex: number
    readonly durableIndex: number
    readonly appliedIndex: number
    readonly snapshotIndex: number
  }
  readonly journalBytes: number
  /** The book, a moment ago. */
  readonly book: { readonly restingOrders: number; readonly bids: BookTop['bids']; readonly asks: BookTop['asks'] }
}
