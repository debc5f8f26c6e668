import type { Counter, Gauge, Metrics } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import type { ConsumerStats, RingStats } from '../sequencer/stats.ts'

/** Carries the figures of a ring to where metrics go. */
export interface RingObserver {
  /** Reads the ring's cells and updates every instrument. Call it as often as the figures shall be fresh: once a second, say. */
  sample(): void
}

interface ConsumerInstruments {
  readonly consumed: Counter
  readonly lag: Gauge
  released: number
}

/**
 * Makes the instruments of a ring. The ring pays nothing for them: all figures are differences of what its cells hold anyway.
 *
 * | instrument | kind | what |
 * |---|---|---|
 * | `ring.published` | counter | events published (several producers: claimed) |
 * | `ring.consumed`, label `consumer` | counter | events that a consumer has released |
 * | `ring.lag`, label `consumer` | gauge | events that a consumer is behind the cursor |
 * | `ring.remaining` | gauge | slots free for producers |
 * | `ring.waits` | counter | waits for room |
 * | `ring.fallbackWakes` | counter | wake-ups that never came; 0 unless a thread died |
 * | `ring.dropped`, `ring.skipped` | counter | events dropped by publishers, slots that nobody published |
 *
 * A consumer that takes the place of one that left between two samples counts on from there.
 *
 * @param ring what has `stats()`: any ring
 * @param options `name` becomes the label `ring` of every instrument
 */
export function observeRing(ring: { stats(): RingStats }, metrics: Metrics, options: { readonly name: string }): RingObserver {
  const labels = { ring: nonEmptyText('name', options.name) }
  const counters = ['waits', 'fallbackWakes', 'dropped', 'skipped'] as const
  const counts = counters.map(name => ({ name, counter: metrics.counter(`ring.${name}`, labels) }))
  const published = metrics.counter('ring.published', labels)
  const remaining = metrics.gauge('ring.remaining', labels)
  const consumers = new Map<number, ConsumerInstruments>()
  let before = ring.stats()
  for (const consumer of before.consumers) follow(consumer)

  function follow({ index, released }: ConsumerStats): ConsumerInstruments {
    const of = { ...labels, consumer: String(index) }
    const made = { consumed: metrics.counter('ring.consumed', of), lag: metrics.gauge('ring.lag', of), released }
    consumers.set(index, made)
    return made
  }

  function sampleConsumer(consumer: ConsumerStats): void {
    const instruments = consumers.get(consumer.index) ?? follow(consumer)
    instruments.consumed.add(Math.max(0, consumer.released - instruments.released))
    instruments.lag.set(consumer.lag)
    instruments.released = consumer.released
  }

  return {
    sample() {
      const now = ring.stats()
      published.add(Math.max(0, now.cursor - before.cursor))
      remaining.set(now.remaining)
      // These wrap at 2^32.
      for (const { name, counter } of counts) counter.add((now[name] - before[name]) >>> 0)
      for (const consumer of now.consumers) sampleConsumer(consumer)
      for (const index of consumers.keys()) if (!now.consumers.some(consumer => consumer.index === index)) consumers.delete(index)
      before = now
    },
  }
}
