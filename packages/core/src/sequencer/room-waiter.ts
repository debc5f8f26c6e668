import { AbortedError, OptionError, type Sequence, TimeoutError, type WaitSource, type WaitStrategy } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { createAsyncWaitStrategy, createWaitStrategy } from '@disruptorx/wait-strategies'
import { WouldDeadlockError } from '../errors.ts'
import type { ParkingParker } from '../parking/parker.ts'
import { currentThread } from '../platform/current-thread.ts'
import { holdOpen } from '../platform/event-loop.ts'
import { lowestOfThread } from './join.ts'
import type { NextAsyncOptions, NextOptions, Producer } from './producer.ts'
import { WAITS } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'
import { flushBeforeWait } from './turn-end.ts'

/** Waits for room, for either kind of producer. It owns the sleeping place, taken at the first wait. */
export class RoomWaiter implements WaitSource {
  readonly #ring: SequencerMemory
  /** The highest sequence claimed, as the producer knows it. */
  readonly #claimed: () => Sequence
  #parker: ParkingParker | undefined
  #strategy: WaitStrategy | undefined

  constructor(ring: SequencerMemory, claimed: () => Sequence) {
    this.#ring = ring
    this.#claimed = claimed
  }

  get parker(): ParkingParker {
    this.#parker ??= this.#ring.parkingLot.parker()
    return this.#parker
  }

  available(): number {
    return this.#ring.remainingCapacity(this.#claimed())
  }

  alerted(): boolean {
    return this.#ring.stopped
  }

  /** Blocks until a claim succeeds. @throws as `Producer.next` */
  next(producer: Producer, count: number, options: NextOptions): Sequence {
    const endNs = endOf(options.timeoutMs)
    for (;;) {
      this.wait(count, options, endNs)
      const highest = producer.tryNext(count)
      if (highest >= 0) return highest
    }
  }

  /** Blocks until the ring had room for `count` at least for a moment, or `endNs` comes, see {@link endOf}. @throws as `Producer.next` */
  wait(count: number, options: NextOptions, endNs: number): void {
    this.#ring.checkOpen()
    this.#refuseDeadlock(count)
    flushBeforeWait()
    Atomics.add(this.#ring.words, WAITS, 1)
    this.#strategy ??= createWaitStrategy()
    const room = (options.strategy ?? this.#strategy).waitFor(count, this, leftMs(endNs))
    this.#ring.checkOpen()
    if (room < count) throw new TimeoutError(`waiting for room for ${count} events`, options.timeoutMs ?? Infinity)
    this.#parker?.noteFound()
  }

  close(): void {
    this.#parker?.close()
    this.#parker = undefined
  }

  #refuseDeadlock(count: number): void {
    const needed = this.#claimed() + count - this.#ring.shape.capacity
    if (lowestOfThread(this.#ring, currentThread()) < needed) throw new WouldDeadlockError('claiming slots of the ring')
  }
}

const WAITING = 'waiting for room in the ring'

/** As {@link RoomWaiter.next}, on an event loop. @throws as `Producer.nextAsync` */
export async function nextAsync(ring: SequencerMemory, producer: Producer, count: number, options: NextAsyncOptions): Promise<Sequence> {
  const endNs = endOf(options.timeoutMs)
  refuseAborted(options.signal)
  for (;;) {
    const highest = producer.tryNext(count)
    if (highest >= 0) return highest
    await waitForRoom(ring, () => producer.remainingCapacity(), count, options, endNs)
  }
}

/**
 * Waits on an event loop, keeping its process alive, until `room()` is at least `count`, or `endNs` comes, see {@link endOf}.
 *
 * @throws {TimeoutError | AbortedError | ClosedError | RingHaltedError}
 */
export async function waitForRoom(
  ring: SequencerMemory,
  room: () => number,
  count: number,
  options: NextAsyncOptions,
  endNs: number,
): Promise<void> {
  const { signal } = options
  refuseAborted(signal)
  ring.checkOpen()
  if (room() >= count) return
  Atomics.add(ring.words, WAITS, 1)
  const parker = ring.parkingLot.parker()
  const wake = () => ring.parkingLot.unparkAll()
  const letGo = holdOpen()
  signal?.addEventListener('abort', wake)
  try {
    const alerted = () => ring.stopped || signal?.aborted === true
    const found = await createAsyncWaitStrategy().waitForAsync(count, { available: room, alerted, parker }, leftMs(endNs))
    refuseAborted(signal)
    ring.checkOpen()
    if (found < count) throw new TimeoutError(WAITING, options.timeoutMs ?? Infinity)
    parker.noteFound()
  } finally {
    signal?.removeEventListener('abort', wake)
    parker.close()
    letGo()
  }
}

/** When a wait ends that begins now, however often others take the room that it finds. @throws {OptionError} */
export function endOf(timeoutMs = Infinity): number {
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
  return timeoutMs === Infinity ? Infinity : systemClock.monotonicNs() + timeoutMs * 1e6
}

function leftMs(endNs: number): number {
  return endNs === Infinity ? Infinity : Math.max(0, (endNs - systemClock.monotonicNs()) / 1e6)
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(WAITING, signal.reason)
}
