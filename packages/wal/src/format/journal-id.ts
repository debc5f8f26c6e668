import type { Random } from '@disruptorx/contracts'

/** Names one journal: 128 random bits, in every header, so that a file of another journal is never believed. */
export class JournalId {
  static readonly BYTES = 16
  readonly #words: Uint32Array

  constructor(words: Uint32Array) {
    this.#words = words
  }

  static draw(random: Random): JournalId {
    return new JournalId(Uint32Array.from({ length: 4 }, () => random.u32()))
  }

  static read(view: DataView, offset: number): JournalId {
    return new JournalId(Uint32Array.from({ length: 4 }, (_, i) => view.getUint32(offset + 4 * i, true)))
  }

  write(view: DataView, offset: number): void {
    for (let i = 0; i < 4; i++) view.setUint32(offset + 4 * i, this.#words[i] as number, true)
  }

  /** Whether these bytes are this id. */
  matches(view: DataView, offset: number): boolean {
    for (let i = 0; i < 4; i++) if (view.getUint32(offset + 4 * i, true) !== this.#words[i]) return false
    return true
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return Array.from(this.#words, word => word.toString(16).padStart(8, '0')).join('')
  }
}
