import { OptionError, type Sequence } from '@disruptorx/contracts'
import { TableFullError } from '../errors.ts'
import { rebuild } from '../memory/cells.ts'
import { currentThread } from '../platform/current-thread.ts'
import type { Consumer, ConsumerHandle } from './consumer.ts'
import { oldestClaim } from './intents.ts'
import {
  CONSUMER_AFTER,
  CONSUMER_BEHIND,
  CONSUMER_FREE,
  CONSUMER_JOINING,
  CONSUMER_LEAVING,
  CONSUMER_LIVE,
  CONSUMER_THREAD,
  MOST_CONSUMERS,
  OPENED,
} from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'
import { sharedHeldBy } from './shared-consumers.ts'

/**
 * Takes a place in a ring's table of consumers, starting after the cursor.
 *
 * With several producers there may be slots up to the cursor that are still being written. It waits for them as any consumer does, though they are
 * not for it: else it could be the only one that producers wait for, and they would write such a slot again while it is not published.
 *
 * The sequence is set before the place goes live, so that a producer never reads an old one, and again from a cursor read after it went live: then no
 * producer has passed it, see {@link SequencerMemory.lowestReleased}. In the same way it first says whom it comes after and then looks whether they
 * are still there, while one that leaves first says so and then looks who comes after it: one of the two sees the other.
 *
 * @throws {TableFullError | OptionError}
 */
export function joinRing(ring: SequencerMemory, after: readonly Consumer[]): ConsumerHandle {
  const { words, at } = ring
  const upstream = after.map(consumer => indexOf(ring, consumer))
  const index = takePlace(ring)
  ownConsumer(ring, index, currentThread())
  startAfterCursor(ring, index, upstream)
  writeAfter(ring, index, upstream)
  for (let opened = Atomics.load(words, OPENED); opened <= index; opened = Atomics.load(words, OPENED))
    Atomics.compareExchange(words, OPENED, opened, index + 1)
  Atomics.store(words, at.statuses + index, CONSUMER_LIVE)
  startAfterCursor(ring, index, upstream)
  // Who saw it at its old sequence may be waiting for it.
  ring.parkingLot.unparkAll()
  if (upstream.some(other => Atomics.load(words, at.statuses + other) !== CONSUMER_LIVE)) {
    freeConsumer(ring, index)
    throw notHere()
  }
  return { index, after: upstream }
}

function startAfterCursor(ring: SequencerMemory, index: number, upstream: readonly number[]): void {
  const line = ring.consumerLine(index)
  const cursor = ring.cursor.get()
  // Those that it comes after wait for the slots that are being written.
  const settled = ring.shape.multi && upstream.length === 0 ? oldestClaim(ring, cursor) - 1 : cursor
  Atomics.store(ring.words, line + CONSUMER_BEHIND, cursor - settled)
  Atomics.store(ring.words, line, settled | 0)
}

/** Writes down whose consumer this is from now on. */
export function ownConsumer(ring: SequencerMemory, index: number, thread: number): void {
  Atomics.store(ring.words, ring.consumerLine(index) + CONSUMER_THREAD, thread)
}

/** A consumer of this thread is nobody's from now on: until another attaches it, or while several move it. */
export function disownConsumer(ring: SequencerMemory, index: number, thread: number): void {
  Atomics.compareExchange(ring.words, ring.consumerLine(index) + CONSUMER_THREAD, thread, 0)
}

/** The lowest sequence that a consumer of this thread has released, or that its worker in a pool lets others release: nobody else can move it on. Infinity when the thread has none. */
export function lowestOfThread(ring: SequencerMemory, thread: number): Sequence {
  const { words, at } = ring
  const cursor = ring.cursor.get()
  const opened = Atomics.load(words, OPENED)
  let lowest = Infinity
  for (let index = 0; index < opened; index++) {
    const line = ring.consumerLine(index)
    if (Atomics.load(words, at.statuses + index) !== CONSUMER_LIVE) continue
    const owner = Atomics.load(words, line + CONSUMER_THREAD)
    if (owner === thread) lowest = Math.min(lowest, rebuild(cursor, Atomics.load(words, line)))
    else if (owner === 0) lowest = Math.min(lowest, sharedHeldBy(ring, index, thread))
  }
  return lowest
}

/** How many live consumers come after this one. */
export function dependentsOf(ring: SequencerMemory, index: number): number {
  const { words, at } = ring
  const opened = Atomics.load(words, OPENED)
  let count = 0
  for (let other = 0; other < opened; other++) {
    if (Atomics.load(words, at.statuses + other) === CONSUMER_FREE) continue
    if ((Atomics.load(words, ring.consumerLine(other) + CONSUMER_AFTER + (index >> 5)) >>> (index & 31)) & 1) count++
  }
  return count
}

/** Gives a place of the table back. False, with nothing changed, when other consumers come after it. */
export function freeConsumer(ring: SequencerMemory, index: number): boolean {
  const { words, at } = ring
  Atomics.store(words, at.statuses + index, CONSUMER_LEAVING)
  if (dependentsOf(ring, index) > 0) {
    Atomics.store(words, at.statuses + index, CONSUMER_LIVE)
    return false
  }
  // From here on nobody waits for it any more, also if this thread dies before the place is free.
  Atomics.store(words, at.statuses + index, CONSUMER_JOINING)
  writeAfter(ring, index, [])
  Atomics.store(words, ring.consumerLine(index) + CONSUMER_THREAD, 0)
  Atomics.store(words, at.statuses + index, CONSUMER_FREE)
  return true
}

function writeAfter(ring: SequencerMemory, index: number, upstream: readonly number[]): void {
  const first = ring.consumerLine(index) + CONSUMER_AFTER
  for (let word = 0; word < MOST_CONSUMERS / 32; word++) {
    const bits = upstream.filter(other => other >> 5 === word).reduce((sum, other) => sum | (1 << (other & 31)), 0)
    Atomics.store(ring.words, first + word, bits)
  }
}

function takePlace(ring: SequencerMemory): number {
  const { maxConsumers } = ring.shape
  for (let index = 0; index < maxConsumers; index++) {
    if (Atomics.compareExchange(ring.words, ring.at.statuses + index, CONSUMER_FREE, CONSUMER_JOINING) === CONSUMER_FREE) return index
  }
  throw new TableFullError('consumers of the ring', 'maxConsumers', maxConsumers)
}

function indexOf(ring: SequencerMemory, consumer: Consumer): number {
  if (!consumer.isOf(ring)) throw notHere()
  return consumer.index
}

function notHere(): OptionError {
  return new OptionError('after', 'a consumer of another ring, or a closed one', 'consumers of this ring that are not closed')
}
