import type { Sequence } from '@disruptorx/contracts'
import { TableFullError } from '../errors.ts'
import { rebuild } from '../memory/cells.ts'
import { currentThread } from '../platform/current-thread.ts'
import {
  ANNOUNCED,
  DEATHS,
  INTENT_FROM,
  INTENT_TO,
  PRODUCER_DEAD,
  PRODUCER_GIVEN_BACK,
  PRODUCER_LIVE,
  PRODUCER_OWNER,
  PRODUCER_PHASE,
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
    const { words, line } = this
    if (abandoned) markLineDead(words, line, Atomics.load(words, line + PRODUCER_STATE))
    else Atomics.store(words, line + PRODUCER_OWNER, 0)
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
    const state = Atomics.load(words, line + PRODUCER_STATE)
    if (phaseOf(state) === PRODUCER_GIVEN_BACK) Atomics.store(words, line + PRODUCER_STATE, (state + 2) | 0)
    // In this order: with what was there before, it covers nothing, also if this thread dies in between.
    Atomics.store(words, line + INTENT_FROM, cursor)
    Atomics.store(words, line + INTENT_TO, cursor)
    return line
  }
  return undefined
}

/** Consumers give lines back only when they have nothing to read, and there may be none. */
function tryTakeLineOfDead(ring: SequencerMemory): number | undefined {
  freeSettled(ring)
  return tryTakeLine(ring)
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

/** Takes a line with this state from live to dead. Tells about one that was dead already too: who marked it may have died before telling. */
function markLineDead(words: Int32Array, line: number, state: number): boolean {
  const marked = phaseOf(state) === PRODUCER_LIVE && moveState(words, line, state)
  Atomics.add(words, DEATHS, 1)
  return marked
}

function moveState(words: Int32Array, line: number, state: number): boolean {
  return Atomics.compareExchange(words, line + PRODUCER_STATE, state, (state + 1) | 0) === state
}

function phaseOf(state: number): number {
  return state & PRODUCER_PHASE
}

/** The first slot that a live producer has claimed and not published; one more than the cursor when there is none. */
export function oldestClaim(ring: SequencerMemory, cursor: Sequence): Sequence {
  const { words, shape } = ring
  let oldest = cursor + 1
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    if (Atomics.load(words, line + PRODUCER_OWNER) === 0 || phaseOf(Atomics.load(words, line + PRODUCER_STATE)) !== PRODUCER_LIVE) continue
    const to = rebuild(cursor, Atomics.load(words, line + INTENT_TO))
    for (let sequence = rebuild(cursor, Atomics.load(words, line + INTENT_FROM)); sequence < to && sequence < oldest; sequence++)
      if (isDue(ring, sequence | 0)) oldest = sequence
  }
  return oldest
}

/** Whether a slot is on a lap before the one of this sequence: not published yet, nor skipped. */
export function isDue(ring: SequencerMemory, low: number): boolean {
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
    let from = Atomics.load(words, line + INTENT_FROM)
    let to = Atomics.load(words, line + INTENT_TO)
    // An old beginning with a new end would cover what it never did, and nobody would wake who sleeps because of that.
    for (let now = from; ; from = now, to = Atomics.load(words, line + INTENT_TO)) {
      now = Atomics.load(words, line + INTENT_FROM)
      if (now === from) break
    }
    if (((low - from) | 0) < 0 || ((low - to) | 0) >= 0) continue
    const phase = phaseOf(Atomics.load(words, line + PRODUCER_STATE))
    if (phase === PRODUCER_LIVE) return LIVE
    if (phase === PRODUCER_DEAD) cover = DEAD_ONLY
  }
  return cover
}

/**
 * Marks the slots from `sequence` on that only the dead can have claimed as never to be published, up to the first slot that is not such a
 * one, and counts them. Any thread may do so at any time: each mark is one compare-and-swap. For a consumer that finds no way on.
 *
 * Returns whether no dead producer is left that may have claimed anything: then nothing is to be done before {@link DEATHS} moves.
 */
export function skipDead(ring: SequencerMemory, sequence: Sequence): boolean {
  const { words } = ring
  const cursor = ring.cursor.get()
  for (let next = sequence; next <= cursor; next++) {
    const low = next | 0
    if (coverOf(ring, low) !== DEAD_ONLY) break
    const cell = ring.availabilityOf(low)
    const found = Atomics.load(words, cell)
    // Settled, or written over: where one joined as the claimer died, a producer that had seen neither may be a lap ahead.
    if (!isDue(ring, low)) break
    Atomics.add(words, ANNOUNCED, 1)
    if (Atomics.compareExchange(words, cell, found, ring.lapOf(low) | SKIP) === found) Atomics.add(words, SKIPPED, 1)
  }
  return freeSettled(ring)
}

/** Gives the lines of the dead back whose intents every consumer has passed. Whether these were all. */
function freeSettled(ring: SequencerMemory): boolean {
  const { words, shape } = ring
  const released = ring.lowestReleased()
  let all = true
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    const line = ring.producerLine(producer)
    const state = Atomics.load(words, line + PRODUCER_STATE)
    if (phaseOf(state) !== PRODUCER_DEAD) continue
    const from = Atomics.load(words, line + INTENT_FROM)
    const to = Atomics.load(words, line + INTENT_TO)
    // The cursor is read after the line was found dead: what the intent says of slots beyond that never came to a claim.
    if (from !== to && Math.min(rebuild(released, to) - 1, ring.cursor.get()) > released) all = false
    // A thread that dies between these two steps, or just after it has taken a place, loses it: nobody could tell whose it is.
    else if (moveState(words, line, state)) Atomics.store(words, line + PRODUCER_OWNER, 0)
  }
  return all
}
