import type { Sequence } from '@disruptorx/contracts'
import { TableFullError } from '../errors.ts'
import { rebuild } from '../memory/cells.ts'
import { currentThread } from '../platform/current-thread.ts'
import {
  ANNOUNCED,
  DEAD,
  INTENT_FROM,
  INTENT_TO,
  PRODUCER_DEAD,
  PRODUCER_OWNER,
  PRODUCER_STATE,
  SKIP,
  SKIPPED,
} from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/*
 * What a producer that dies between claim and publish leaves behind.
 *
 * Before a producer moves the cursor it writes the range that it is about to claim into a line of its own. So each slot that is claimed and not
 * published lies within its claimer's intent, and a slot belongs to the dead when it is not published, the intent of a producer whose thread
 * has ended covers it, and that of no live producer does. Never because of time.
 *
 * Intents cover too much at times: while a claim is tried, and between the claims of a producer that has several. Too much of a dead one is what
 * it may have. Too much of a live one puts a decision off, so a producer narrows its intent to what it has when its claim failed, and when it has
 * published: otherwise one that has no more to say, or waits for room, would hold the ring up for ever.
 *
 * Reading them is sound in this order: the cursor, then the intents, then the slot's availability.
 *  - A slot up to the cursor was claimed before that cursor was stored, and its intent was written before that: so it is seen.
 *  - A live producer writes its next intent, beginning with an atomic store, after the availability of its last slot: so if the older
 *    intent is not seen any more, the availability is.
 */

/** The line of one live producer. */
export class Intent {
  private readonly words: Int32Array
  private readonly line: number
  private closed = false

  /** Takes a line. @throws {TableFullError} */
  constructor(ring: SequencerMemory) {
    this.words = ring.words
    this.line = takeLine(ring)
  }

  // Hot: once per claim. The first store is atomic, so that nothing of this claim is seen before what was published earlier.
  /** From `from` to before `to`, both as low 32 bits. */
  write(from: number, to: number): void {
    Atomics.store(this.words, this.line + INTENT_FROM, from)
    this.words[this.line + INTENT_TO] = to
  }

  /** Gives up what lies outside of `from` to before `to`. Consumers may sleep until that happens: wake them afterwards. */
  narrow(from: number, to: number): void {
    Atomics.store(this.words, this.line + INTENT_FROM, from)
    Atomics.store(this.words, this.line + INTENT_TO, to)
  }

  /** Gives the line back. With `abandoned` claims it stays, as if its thread had ended, until consumers have passed them. Safe to call twice. */
  close(abandoned: boolean): void {
    if (this.closed) return
    this.closed = true
    if (abandoned) markLineDead(this.words, this.line, Atomics.load(this.words, this.line + PRODUCER_STATE))
    else freeLine(this.words, this.line)
  }
}

function takeLine(ring: SequencerMemory): number {
  const line = tryTakeLine(ring) ?? tryTakeLineOfDead(ring)
  if (line === undefined) throw new TableFullError('producers of the ring', 'maxProducers', ring.shape.maxProducers)
  return line
}

function tryTakeLine(ring: SequencerMemory): number | undefined {
  const { words, shape } = ring
  const thread = currentThread()
  const cursor = ring.cursor.get() | 0
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    if (Atomics.compareExchange(words, line + PRODUCER_OWNER, 0, thread) !== 0) continue
    Atomics.store(words, line + INTENT_FROM, cursor)
    Atomics.store(words, line + INTENT_TO, cursor)
    return line
  }
  return undefined
}

/** Consumers give lines back only when they have nothing to read, and there may be none. */
function tryTakeLineOfDead(ring: SequencerMemory): number | undefined {
  if (Atomics.load(ring.words, DEAD) === 0) return undefined
  freeSettled(ring)
  return tryTakeLine(ring)
}

function freeLine(words: Int32Array, line: number): void {
  Atomics.store(words, line + INTENT_TO, Atomics.load(words, line + INTENT_FROM))
  Atomics.store(words, line + PRODUCER_OWNER, 0)
}

/** Marks the producers of a thread that has ended as dead. Returns how many. */
export function markDead(ring: SequencerMemory, thread: number): number {
  const { words, shape } = ring
  let marked = 0
  for (let producer = 0; shape.multi && producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    // The state first: a line that is freed and taken after this look has another one, and stays untouched.
    const state = Atomics.load(words, line + PRODUCER_STATE)
    if (Atomics.load(words, line + PRODUCER_OWNER) === thread && markLineDead(words, line, state)) marked++
  }
  return marked
}

/** Takes a line with this state from live to dead. The count goes up first: it is never lower than what there is to look for. */
function markLineDead(words: Int32Array, line: number, state: number): boolean {
  if (isDead(state)) return false
  Atomics.add(words, DEAD, 1)
  if (moveState(words, line, state)) return true
  Atomics.sub(words, DEAD, 1)
  return false
}

function moveState(words: Int32Array, line: number, state: number): boolean {
  return Atomics.compareExchange(words, line + PRODUCER_STATE, state, (state + 1) | 0) === state
}

function isDead(state: number): boolean {
  return (state & PRODUCER_DEAD) !== 0
}

/** The first slot that a live producer has claimed and not published; one more than the cursor when there is none. */
export function oldestClaim(ring: SequencerMemory, cursor: Sequence): Sequence {
  const { words, shape } = ring
  let oldest = cursor + 1
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    if (Atomics.load(words, line + PRODUCER_OWNER) === 0 || isDead(Atomics.load(words, line + PRODUCER_STATE))) continue
    const to = rebuild(cursor, Atomics.load(words, line + INTENT_TO))
    for (let sequence = rebuild(cursor, Atomics.load(words, line + INTENT_FROM)); sequence < to && sequence < oldest; sequence++)
      if (isDue(ring, sequence | 0)) oldest = sequence
  }
  return oldest
}

/** Whether a slot is on a lap before the one of this sequence. */
function isDue(ring: SequencerMemory, low: number): boolean {
  const lap = Atomics.load(ring.words, ring.availabilityOf(low)) & ring.lapMask
  return (lap - ring.lapOf(low)) << 1 < 0
}

const NOBODY = 0
const DEAD_ONLY = 1
const LIVE = 2

/** Whose intents cover a sequence. */
function coverOf(ring: SequencerMemory, low: number): typeof NOBODY | typeof DEAD_ONLY | typeof LIVE {
  const { words, shape } = ring
  let cover: typeof NOBODY | typeof DEAD_ONLY = NOBODY
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    if (Atomics.load(words, line + PRODUCER_OWNER) === 0) continue
    const from = Atomics.load(words, line + INTENT_FROM)
    const to = Atomics.load(words, line + INTENT_TO)
    if (((low - from) | 0) < 0 || ((low - to) | 0) >= 0) continue
    if (!isDead(Atomics.load(words, line + PRODUCER_STATE))) return LIVE
    cover = DEAD_ONLY
  }
  return cover
}

/**
 * Marks the slots from `sequence` on that only the dead can have claimed as never to be published, up to the first slot that is not such a
 * one, and counts them. Any thread may do so at any time: each mark is one compare-and-swap. For a consumer that finds no way on.
 */
export function skipDead(ring: SequencerMemory, sequence: Sequence): void {
  const { words } = ring
  if (Atomics.load(words, DEAD) === 0) return
  const cursor = ring.cursor.get()
  for (let next = sequence; next <= cursor; next++) {
    const low = next | 0
    if (coverOf(ring, low) !== DEAD_ONLY) break
    const cell = ring.availabilityOf(low)
    const found = Atomics.load(words, cell)
    if (ring.isPublished(low) || ring.isSkipped(low)) break
    Atomics.add(words, ANNOUNCED, 1)
    if (Atomics.compareExchange(words, cell, found, ring.lapOf(low) | SKIP) === found) Atomics.add(words, SKIPPED, 1)
  }
  freeSettled(ring)
}

/** Gives the lines of the dead back whose intents every consumer has passed. */
function freeSettled(ring: SequencerMemory): void {
  const { words, shape } = ring
  const released = ring.lowestReleased()
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    const state = Atomics.load(words, line + PRODUCER_STATE)
    if (!isDead(state)) continue
    const from = Atomics.load(words, line + INTENT_FROM)
    const to = Atomics.load(words, line + INTENT_TO)
    if (from !== to && rebuild(released, to) > released + 1) continue
    if (!moveState(words, line, state)) continue
    Atomics.sub(words, DEAD, 1)
    freeLine(words, line)
  }
}
