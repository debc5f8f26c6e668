import { type Clock, OptionError, type WaitStrategy } from '@disruptorx/contracts'
import { oneOf, systemClock, wholeNumber } from '@disruptorx/contracts/internal'
import type { ValueLayout, View } from '@disruptorx/layout'
import type { NextAsyncOptions } from '../sequencer/producer.ts'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import type { SingleProducer } from '../sequencer/single-producer.ts'
import { GatheringPublisher } from './gathering-publisher.ts'
import { InPlacePublisher } from './in-place-publisher.ts'
import type { SharedProducer } from './shared-producer.ts'

/** How long a publisher gathers when nobody says otherwise. */
const DEFAULT_BURST = 64

/** How a {@link Publisher} gathers. */
export interface PublisherOptions {
  /** The most events that it holds back: 1 to a quarter of the ring's capacity, or 1 where that is less. @default 64, or less in a small ring */
  readonly burst?: number
  /** At the next `claim()` after so many microseconds, what was gathered is made visible first: 1 to 10^9. Costs a reading of the clock per event. @default no limit */
  readonly maxDelayUs?: number
  /** Measures `maxDelayUs`. @default the platform's clock */
  readonly clock?: Clock
  /**
   * What happens to an event when the ring is full.
   *
   * - `refuse`: `claim()` returns undefined and `publish()` false, at once.
   * - `drop`: it is lost and counted, in `dropped` and in the ring's figures. `claim()` returns a place that nobody will read.
   * - `wait`: the thread blocks until there is room, as `next()` of a producer does.
   * @default 'refuse'
   */
  readonly whenFull?: 'refuse' | 'drop' | 'wait'
  /** With `wait`: how long, from 0 milliseconds. @default Infinity */
  readonly timeoutMs?: number
  /** With `wait`: how the thread waits. @default adaptive */
  readonly strategy?: WaitStrategy
}

/** How long {@link Publisher.ready} waits. */
export type ReadyOptions = NextAsyncOptions

/**
 * The writing side of a struct ring, gathering: an atomic store per burst, not per event. For one thread.
 *
 * Events become visible when the burst is full, before the ring is full, before it waits, at the end of the turn of an event loop, after
 * `maxDelayUs` at the next call, and on `flush()`. A thread that never returns to its event loop flushes when it has nothing more to say.
 */
export interface Publisher<T> {
  /**
   * The next event, to be written in place; undefined when the ring is full. Write every field: a slot holds what it last held. It counts as written
   * when `claim`, `flush` or the end of the turn comes.
   *
   * @throws {ClosedError | RingHaltedError} the ring takes no more events
   * @throws as `Producer.next`, when it waits
   */
  claim(): View<T> | undefined
  /** Claims, writes `value` and, if the burst is full, flushes. False when the ring is full: nothing was taken. @throws as {@link claim}, and {FieldError} */
  publish(value: T): boolean
  /** Makes everything gathered visible. False when the ring has no room for it yet: it stays gathered. @throws as {@link claim} */
  flush(): boolean
  /** Resolves when the ring has room again, flushing first. @throws {TimeoutError | AbortedError | ClosedError | RingHaltedError} */
  ready(options?: ReadyOptions): Promise<void>
  /** Events claimed and not yet visible. */
  readonly pending: number
  /** Events that this publisher has dropped because the ring was full. */
  readonly dropped: number
  /** Where {@link view} writes: the ring's memory with one producer, a private buffer with several. */
  readonly memory: ArrayBufferLike
  /** What {@link claim} returns: its `offset` says where in {@link memory} the event lies, for bytes beyond the layout. */
  readonly view: View<T>
  /** Flushes what it can and gives the writing side back. Safe to call twice. */
  close(): void
}

/** What a publisher works with once its options are checked. */
export interface ResolvedPublisherOptions {
  readonly burst: number
  readonly maxDelayNs: number
  readonly clock: Clock
  readonly whenFull: 'refuse' | 'drop' | 'wait'
  readonly timeoutMs: number
  readonly strategy: WaitStrategy | undefined
}

/** Makes the publisher that fits the ring. */
export function makePublisher<T>(
  ring: SequencerMemory,
  layout: ValueLayout<T>,
  options: PublisherOptions,
  single: () => SingleProducer<View<T>>,
  shared: SharedProducer,
): Publisher<T> {
  const resolved = resolvePublisherOptions(options, ring.shape.capacity)
  if (ring.shape.multi) return new GatheringPublisher(ring, layout, resolved, shared)
  return new InPlacePublisher(ring, layout, resolved, single())
}

function resolvePublisherOptions(options: PublisherOptions, capacity: number): ResolvedPublisherOptions {
  const most = Math.max(1, capacity / 4)
  const burst = wholeNumber('burst', options.burst ?? Math.min(DEFAULT_BURST, most), 1, most)
  const { maxDelayUs, strategy, timeoutMs = Infinity } = options
  if (maxDelayUs !== undefined && !(maxDelayUs >= 1 && maxDelayUs <= 1e9))
    throw new OptionError('maxDelayUs', maxDelayUs, 'a number from 1 to 1,000,000,000')
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
  const whenFull = oneOf('whenFull', options.whenFull ?? 'refuse', ['refuse', 'drop', 'wait'])
  return { burst, maxDelayNs: (maxDelayUs ?? Infinity) * 1000, clock: options.clock ?? systemClock, whenFull, timeoutMs, strategy }
}
