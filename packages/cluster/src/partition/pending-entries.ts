/** Entries that may wait for the disk at a time. */
const MAX_ENTRIES = 4096
/** Events that may wait for the disk at a time. */
const MAX_EVENTS = 131_072

/**
 * What the replica remembers of each entry between its append and the moment when it is durable. A ring of plain arrays: nothing is allocated.
 */
export class PendingEntries {
  readonly #lsns = new Float64Array(MAX_ENTRIES)
  readonly #sequences = new Float64Array(MAX_ENTRIES)
  readonly #claims = new Float64Array(MAX_ENTRIES)
  readonly #publishedNs = new Float64Array(MAX_EVENTS)
  #head = 0
  #tail = 0
  /** Ingress sequence of the last event that is durable, and of the last that was appended. */
  #durable = -1
  #appended = -1

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#head === this.#tail
  }

  /** Events that may still be added. */
  get room(): number {
    return this.#tail - this.#head === MAX_ENTRIES ? 0 : MAX_EVENTS - (this.#appended - this.#durable)
  }

  /** Notes when the event at an ingress sequence was published. */
  addEvent(sequence: number, publishedNs: number): void {
    this.#publishedNs[sequence % MAX_EVENTS] = publishedNs
  }

  /** Notes an entry that ends with the event at `sequence`. `claim` is where its record ends in the committed ring. */
  addEntry(lsn: number, sequence: number, claim: number): void {
    const at = this.#tail++ % MAX_ENTRIES
    this.#lsns[at] = lsn
    this.#sequences[at] = sequence
    this.#claims[at] = claim
    this.#appended = sequence
  }

  /** Takes every entry up to `lsn` off. Returns how many; {@link durableSequence} and {@link claim} are of the last of them. */
  settle(lsn: number): number {
    const before = this.#head
    while (this.#head < this.#tail && (this.#lsns[this.#head % MAX_ENTRIES] as number) <= lsn) this.#head++
    if (this.#head > before) this.#durable = this.#sequences[(this.#head - 1) % MAX_ENTRIES] as number
    return this.#head - before
  }

  /** Ingress sequence of the last event that is durable; -1 before the first. */
  get durableSequence(): number {
    return this.#durable
  }

  /** What was noted as the claim of the entry settled last. */
  get claim(): number {
    return this.#claims[(this.#head - 1) % MAX_ENTRIES] as number
  }

  /** When the event at an ingress sequence was published. True until it has been durable for a while. */
  publishedNs(sequence: number): number {
    return this.#publishedNs[sequence % MAX_EVENTS] as number
  }
}
