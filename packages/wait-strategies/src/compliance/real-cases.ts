import type { Clock, Parker, Sequence, WaitSource } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { type HeapGrowth, heapGrowth } from '../platform/heap.ts'
import { hasThreads, startMover } from '../platform/mover.ts'
import { ComplianceError } from './compliance-error.ts'
import type { ComplianceCase, Subject, Wait } from './options.ts'
import { SharedWait, sharedWaitMemory } from './shared-wait.ts'

const MOVES = 2000

/** How long the wait by the real clock is, how much too early a timer may be, and when it has certainly failed. */
const LIMIT_MS = 20
const EARLY_MS = 1
const FAR_TOO_LATE_MS = 30_000
/** One wait that ends too early may be held up by other threads until its time is over: hardly each of so many. */
const TIMED_WAITS = 5

/**
 * The heap is measured over so many waits, again and again until it grew little enough: code that is not compiled yet allocates, and so does compiling.
 * Few waits, because one that naps at each look takes as long as the others on its core let it.
 */
const MEASURED_WAITS = 500
const MOST_MEASUREMENTS = 400
const MOST_MEASURING_MS = 30_000
/** Measurements that have to find little, as memory given back late by an earlier collection can hide what one of them looks for. */
const ENOUGH_MEASUREMENTS = 2
/** A number that the compiler has not kept out of the heap takes 16, and is forgiven: an object or a function takes more than this. */
const MOST_BYTES_PER_WAIT = 24
/** Readings of the real clock allocate until they are compiled, which is not the strategy's fault. */
const stillClock: Clock = { nowMs: () => 0, monotonicNs: () => 0 }

/** Has what is waited for at its third look. Allocates nothing. */
class ThirdLook implements WaitSource, Parker {
  #looks = 0

  get parker(): Parker {
    return this
  }

  available(): Sequence {
    this.#looks = (this.#looks + 1) % 3
    return this.#looks === 0 ? 1 : 0
  }

  alerted(): boolean {
    return false
  }

  raise(): void {}

  lower(): void {}

  park(): void {}

  async parkAsync(): Promise<void> {}
}

async function allocatesNothing(subject: Subject, heapGrowth: HeapGrowth): Promise<void> {
  const wait = await subject.make(stillClock)
  const source = new ThirdLook()
  const waits = () => {
    for (let i = 0; i < MEASURED_WAITS; i++) wait(1, source, Infinity)
  }
  const endNs = systemClock.monotonicNs() + MOST_MEASURING_MS * 1e6
  let least = Infinity
  let good = 0
  for (let measurement = 0; measurement < MOST_MEASUREMENTS && systemClock.monotonicNs() < endNs; measurement++) {
    const grown = heapGrowth(waits)
    if (grown === undefined) continue
    if (grown > MOST_BYTES_PER_WAIT * MEASURED_WAITS) least = Math.min(least, grown)
    else if (++good === ENOUGH_MEASUREMENTS) return
  }
  const bytes = least === Infinity ? 'too many' : (least / MEASURED_WAITS).toFixed(0)
  throw new ComplianceError(`allocated ${bytes} bytes in each wait`)
}

async function endsInRealTime(subject: Subject): Promise<void> {
  const wait = await subject.make()
  for (let waits = 0; waits < TIMED_WAITS; waits++) await endInRealTime(subject, wait)
}

async function endInRealTime(subject: Subject, wait: Wait): Promise<void> {
  const limitMs = Math.min(LIMIT_MS, subject.ownLimitMs)
  const source = new SharedWait(sharedWaitMemory(), subject.blocking)
  source.ask(1)
  const startNs = systemClock.monotonicNs()
  const result = await wait(1, source, LIMIT_MS)
  const tookMs = (systemClock.monotonicNs() - startNs) / 1e6
  if (result !== 0) throw new ComplianceError(`returned ${String(result)} when 0 was available`)
  if (source.raised) throw new ComplianceError('left its flag up when its time was over')
  if (tookMs < limitMs - EARLY_MS) throw new ComplianceError(`ended after ${tookMs} ms of ${limitMs}`)
  if (tookMs > limitMs + FAR_TOO_LATE_MS) throw new ComplianceError(`ended only after ${tookMs} ms of ${limitMs}`)
}

async function followsAnotherThread(subject: Subject): Promise<void> {
  const wait = await subject.make()
  const memory = sharedWaitMemory()
  const source = new SharedWait(memory, subject.blocking)
  const end = await startMover({ memory, moves: MOVES })
  try {
    for (let sequence = 1; sequence <= MOVES + 1; sequence++) {
      source.ask(sequence)
      const result = await untilThereOrAlerted(subject, wait, source, sequence)
      if (source.raised) throw new ComplianceError('left its flag up')
      const expected = Math.min(sequence, MOVES)
      if (result !== expected) throw new ComplianceError(`returned ${result} when another thread had moved the sequence to ${expected}`)
    }
  } finally {
    await end()
  }
}

/** A strategy with a limit of its own may return before: then it waits again, as a processor does. */
async function untilThereOrAlerted(subject: Subject, wait: Wait, source: SharedWait, sequence: Sequence): Promise<Sequence> {
  for (;;) {
    const called = wait(sequence, source, Infinity)
    const result = (subject.blocking ? called : await called) as Sequence
    if (result >= sequence || source.alerted()) return result
    if (subject.ownLimitMs === Infinity) throw new ComplianceError(`returned ${result} when it waited for ${sequence} without a limit`)
  }
}

/** The cases that need real time, memory or threads: as far as the platform has them. */
export function realCases(subject: Subject): ComplianceCase[] {
  const cases: ComplianceCase[] = [{ name: 'ends when its time is over by a real clock', run: () => endsInRealTime(subject) }]
  const growth = heapGrowth
  if (subject.blocking && growth !== undefined) cases.push({ name: 'allocates nothing', run: () => allocatesNothing(subject, growth) })
  if (hasThreads)
    cases.push({
      name: `misses none of ${MOVES} moves of another thread, nor its alert`,
      run: () => followsAnotherThread(subject),
    })
  return cases
}
