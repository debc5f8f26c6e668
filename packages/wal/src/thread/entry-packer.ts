import type { PackedEntries } from './thread-messages.ts'

const LEAST_BYTES = 64 * 1024
/** Memory that is kept for the next time, at most. */
const MOST_KEPT_BYTES = 4 * 1024 ** 2

/** Where an entry lies. */
interface PlacedEntry {
  readonly term: number
  readonly bytes: Uint8Array
  readonly offset: number
  readonly length: number
}

/** Gathers entries that follow one another, to cross to another thread. */
export class EntryPacker {
  #memory = new Uint8Array(LEAST_BYTES)
  #terms: number[] = []
  #lengths: number[] = []
  #bytes = 0

  /** How many there are. */
  get count(): number {
    return this.#lengths.length
  }

  /** Bytes of their data. */
  get bytes(): number {
    return this.#bytes
  }

  add({ term, bytes, offset, length }: PlacedEntry): void {
    const end = this.#bytes + length
    if (end > this.#memory.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(end)))
      larger.set(this.#memory.subarray(0, this.#bytes))
      this.#memory = larger
    }
    this.#memory.set(bytes.subarray(offset, offset + length), this.#bytes)
    this.#bytes = end
    this.#terms.push(term)
    this.#lengths.push(length)
  }

  /** What there is, in memory of its own. @param from index of the first one */
  pack(from: number): PackedEntries {
    return {
      from,
      terms: Float64Array.from(this.#terms),
      lengths: Uint32Array.from(this.#lengths),
      bytes: this.#memory.slice(0, this.#bytes),
    }
  }

  clear(): void {
    if (this.#memory.length > MOST_KEPT_BYTES) this.#memory = new Uint8Array(LEAST_BYTES)
    this.#terms = []
    this.#lengths = []
    this.#bytes = 0
  }
}
