import { count, duration, price } from './format.ts'
import type { StatusSample } from './status-sample.ts'

/** A status as one line of text: what is written once a second where no terminal is. */
export function plainLine(sample: StatusSample): string {
  const { durable, applied } = sample.latencyNs
  const three = (of: typeof durable) => [of.p50, of.p99, of.p999].map(duration).join(' / ')
  return [
    sample.state,
    `durability ${sample.durability}`,
    `${count(sample.eventsPerSecond)} events/s`,
    `to durable ${three(durable)}`,
    `to applied ${three(applied)}`,
    `lag ${count(sample.lag.durable)} + ${count(sample.lag.applied)}`,
    `events ${count(sample.events.durable)}`,
    `resting ${count(sample.book.restingOrders)}`,
    `top ${price(sample.book.bids[0]?.price ?? 0)} x ${price(sample.book.asks[0]?.price ?? 0)}`,
  ].join(', ')
}
