import { LINE_WORDS } from '../memory/cells.ts'
import { currentThread } from '../platform/current-thread.ts'
import { PRODUCER_INTENT, PRODUCER_LINES, PRODUCER_THREAD, RECLAIMS } from './byte-ring-descriptor.ts'

/** The bit of an intent that says there is one. A position is a multiple of 8 and has it free. */
const INTENDED = 1

/**
 * Who writes into a byte ring, and, with several producers, what each of them may have claimed and not published: its intent.
 *
 * An intent is one word: the position from which on everything that its producer has claimed and not published lies, or 0 for nothing. A producer
 * with nothing outstanding stores it before each attempt to move the cursor, and moves it on only after the flags of what it published are set.
 * So of a unit that is claimed and has no flag, either its claimer's intent lies at or before it, or its claimer is dead and was reclaimed:
 * that is, its intent taken away. Nothing here depends on time.
 *
 * Whoever decides reads, atomically and in this order: the cursor, the intents, the flag.
 *  - What lies before that cursor was claimed before it was read, and the claimer's intent was stored before the claim: so it is seen, or what
 *    the claimer stored after it.
 *  - A claimer stores something after it, 0 or a higher position, only after its flags: so if the intent is not seen, the flag is.
 *  - An intent that no claim followed, as another producer was faster, only puts the decision off until that producer tries again.
 */
export class ProducerTable {
  readonly #words: Int32Array
  readonly #size: number

  constructor(words: Int32Array, size: number) {
    this.#words = words
    this.#size = size
  }

  /** Takes a line for the calling thread and returns its first word; -1 when there is none. */
  take(): number {
    for (let producer = 0; producer < this.#size; producer++) {
      const line = lineOf(producer)
      if (Atomics.compareExchange(this.#words, line + PRODUCER_THREAD, 0, currentThread()) === 0) return line
    }
    return -1
  }

  /** Gives a line back. Nothing may be outstanding. */
  give(line: number): void {
    Atomics.store(this.#words, line + PRODUCER_INTENT, 0)
    Atomics.store(this.#words, line + PRODUCER_THREAD, 0)
  }

  /** Nothing that the producer of this line has claimed and not published lies before `position`. */
  intend(line: number, position: number): void {
    Atomics.store(this.#words, line + PRODUCER_INTENT, position | INTENDED)
  }

  /** The producer of this line has nothing outstanding. */
  clearIntent(line: number): void {
    if (this.#words[line + PRODUCER_INTENT] !== 0) Atomics.store(this.#words, line + PRODUCER_INTENT, 0)
  }

  /** How many bytes from `position` on lie before every intent, at most `most`; 0 or less when an intent is there or before. */
  unintended(position: number, most: number): number {
    let least = most
    for (let producer = 0; producer < this.#size; producer++) {
      const intent = Atomics.load(this.#words, lineOf(producer) + PRODUCER_INTENT)
      if (intent !== 0) least = Math.min(least, (((intent - INTENDED) | 0) - position) | 0)
    }
    return least
  }

  /** Takes a dead thread's lines and intents away, and returns how many lines. */
  reclaim(thread: number): number {
    const words = this.#words
    let freed = 0
    for (let producer = 0; producer < this.#size; producer++) {
      const line = lineOf(producer)
      // Ours first: only one of two who reclaim a thread goes on, and should we die here, whoever reclaims us does.
      if (Atomics.compareExchange(words, line + PRODUCER_THREAD, thread, currentThread()) !== thread) continue
      // Counted before the intent goes, so that whoever sees it gone also sees the count.
      Atomics.add(words, RECLAIMS, 1)
      this.give(line)
      freed++
    }
    return freed
  }
}

function lineOf(producer: number): number {
  return PRODUCER_LINES + producer * LINE_WORDS
}
