import { AbortedError, OptionError, type Sequence, TimeoutError, type WaitSource, type WaitStrategy } from '@disruptorx/contracts'
import { createAsyncWaitStrategy, createWaitStrategy } from '@disruptorx/wait-strategies'
import { WouldDeadlockError } from '../errors.ts'
import type { ParkingParker } from '../parking/parker.ts'
import { holdOpen } from '../platform/event-loop.ts'
import type { NextAsyncOptions, NextOptions } from './producer.ts'
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

  /** Blocks until the ring had room for `count` at least for a moment. @throws as `Producer.next` */
  wait(count: number, options: NextOptions): void {
    const timeoutMs = checkTimeout(options.timeoutMs)
    this.#ring.checkOpen()
    this.#refuseDeadlock(count)
    flushBeforeWait()
    Atomics.add(this.#ring.words, WAITS, 1)
    this.#strategy ??= createWaitStrategy()
    const room = (options.strategy ?? this.#strategy).waitFor(count, this, timeoutMs)
    this.#ring.checkOpen()
    if (room < count) throw new TimeoutError(`waiting for room for ${count} events`, timeoutMs)
    this.#parker?.noteFound()
  }

  close(): void {
    this.#parker?.close()
    this.#parker = undefined
  }

  #refuseDeadlock(count: number): void {
    const needed = this.#claimed() + count - this.#ring.shape.capacity
    for (const consumer of this.#ring.localConsumers) {
      if (consumer.next - 1 < needed) throw new WouldDeadlockError('claiming slots of the ring')
    }
  }
}

/** Waits on an event loop, keeping its process alive, until `room()` is at least `count`. @throws {TimeoutError | AbortedError | ClosedError | RingHaltedError} */
export async function waitForRoom(ring: SequencerMemory, room: () => number, count: number, options: NextAsyncOptions): Promise<void> {
  const timeoutMs = checkTimeout(options.timeoutMs)
  const { signal } = options
  const what = 'waiting for room in the ring'
  if (signal?.aborted) throw new AbortedError(what, signal.reason)
  ring.checkOpen()
  if (room() >= count) return
  Atomics.add(ring.words, WAITS, 1)
  const parker = ring.parkingLot.parker()
  const wake = () => ring.parkingLot.unparkAll()
  const letGo = holdOpen()
  signal?.addEventListener('abort', wake)
  try {
    const alerted = () => ring.stopped || signal?.aborted === true
    const found = await createAsyncWaitStrategy().waitForAsync(count, { available: room, alerted, parker }, timeoutMs)
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    ring.checkOpen()
    if (found < count) throw new TimeoutError(what, timeoutMs)
    parker.noteFound()
  } finally {
    signal?.removeEventListener('abort', wake)
    parker.close()
    letGo()
  }
}

/** @throws {OptionError} */
function checkTimeout(timeoutMs = Infinity): number {
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
  return timeoutMs
}
