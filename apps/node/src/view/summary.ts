import type { BookSummary } from '@disruptorx/exchange'
import { count, price } from './format.ts'

/** What a replay ends with. `events` counts messages, without `skipped` lines; the last two are of this run alone. */
export interface ReplaySummary extends BookSummary {
  /** Lines of the source that are no message. */
  readonly skipped: number
  /** Messages of this run per second of feeding them; 0 when there was nothing to feed. */
  readonly eventsPerSecond: number
  /** From publish to durable, in microseconds, the 99th percentile of this run; 0 when there was nothing to feed. */
  readonly durableP99Us: number
}

/** The keys of the JSON line, in their order. */
export const SUMMARY_KEYS = [
  'events',
  'skipped',
  'rejected',
  'submits',
  'reductions',
  'cancels',
  'executions',
  'executionsAtBest',
  'executionsAtFront',
  'hidden',
  'restingOrders',
  'bidLevels',
  'askLevels',
  'bestBid',
  'bestAsk',
  'digest',
  'eventsPerSecond',
  'durableP99Us',
] as const satisfies readonly (keyof ReplaySummary)[]

/** The summary as one line of JSON, with exactly {@link SUMMARY_KEYS}. */
export function summaryJson(summary: ReplaySummary): string {
  return JSON.stringify(Object.fromEntries(SUMMARY_KEYS.map(key => [key, summary[key]])))
}

/** The summary for people. */
export function summaryLines(summary: ReplaySummary, source: string): string[] {
  const row = (name: string, value: string) => `  ${name.padEnd(20)}${value.padStart(18)}`
  return [
    `Summary of ${source}`,
    row('messages', count(summary.events)),
    row('skipped lines', count(summary.skipped)),
    row('rejected', count(summary.rejected)),
    row('submits', count(summary.submits)),
    row('reductions', count(summary.reductions)),
    row('cancels', count(summary.cancels)),
    row('executions', count(summary.executions)),
    row('  at best price', count(summary.executionsAtBest)),
    row('  first in queue', count(summary.executionsAtFront)),
    row('hidden executions', count(summary.hidden)),
    row('resting orders', count(summary.restingOrders)),
    row('bid / ask levels', `${count(summary.bidLevels)} / ${count(summary.askLevels)}`),
    row('best bid / ask', `${price(summary.bestBid)} / ${price(summary.bestAsk)}`),
    row('digest', summary.digest),
    row('events per second', summary.eventsPerSecond === 0 ? '-' : count(summary.eventsPerSecond)),
    row('P99 to durable', summary.durableP99Us === 0 ? '-' : `${count(summary.durableP99Us)} us`),
  ]
}
