/**
 * What a journal and whoever archives its segments share, on one thread or on two.
 *
 * ```
 *  word 0    1       2          3
 *  +-------+-------+----------+------+
 *  | wakes | state | archived | told |
 *  +-------+-------+----------+------+
 * ```
 */
const WAKES = 0
const STATE = 1
const ARCHIVED = 2
const TOLD = 3
const WORDS = 4

const UNOPENED = 0
const OPEN = 1
const ENDED = 2

/** Keeps a journal's segments until they are archived. What the journal calls; nothing here waits. */
export interface SegmentKeeper {
  /** Makes sure that it is for the journal of this directory, which is about to be opened. @throws {OptionError} it was set up for another one */
  checkFor(dir: string): void
  /** The journal is open. */
  start(): void
  /** No segment after this one may be freed: it is not archived yet. */
  readonly archived: number
  /** A segment takes no more batches, and another one comes after it. */
  sealed(): void
  /** The journal is closed. */
  stop(): void
}

/** The shared words, with a name for each thing that is done to them. */
export class ArchiveGate implements SegmentKeeper {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  /** @param memory as another gate has it: what crosses threads */
  constructor(memory = new SharedArrayBuffer(WORDS * 4)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Whoever made it knows whose it is. */
  checkFor(): void {}

  start(): void {
    Atomics.compareExchange(this.#words, STATE, UNOPENED, OPEN)
    this.sealed()
  }

  sealed(): void {
    Atomics.add(this.#words, TOLD, 1)
    this.wake()
  }

  stop(): void {
    Atomics.store(this.#words, STATE, ENDED)
    this.wake()
  }

  get archived(): number {
    return Atomics.load(this.#words, ARCHIVED)
  }

  /** Every segment up to this one is archived, or given up. */
  release(segment: number): void {
    Atomics.store(this.#words, ARCHIVED, segment)
  }

  /** Whether the journal is open, and its files may be looked at. */
  get isOpen(): boolean {
    return Atomics.load(this.#words, STATE) === OPEN
  }

  get hasEnded(): boolean {
    return Atomics.load(this.#words, STATE) === ENDED
  }

  /** Changes when there may be something new to archive: read it before looking for that. */
  get told(): number {
    return Atomics.load(this.#words, TOLD)
  }

  /** What {@link woken} compares with: read it before looking whether anything is due. */
  get wakes(): number {
    return Atomics.load(this.#words, WAKES)
  }

  /** Wakes whoever sleeps in {@link woken}. */
  wake(): void {
    Atomics.add(this.#words, WAKES, 1)
    Atomics.notify(this.#words, WAKES)
  }

  /** Resolves when {@link wake} was called since `wakes` was read. */
  async woken(wakes: number): Promise<void> {
    const { async: waits, value } = Atomics.waitAsync(this.#words, WAKES, wakes)
    if (waits) await value
  }
}
