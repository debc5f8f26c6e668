import type { SnapshotReader } from 'disruptorx/cluster'
import { ExchangeSnapshotError } from '../errors.ts'
import { CHUNK_BYTES } from './chunk-writer.ts'

const TWO_32 = 4294967296

/**
 * Reads the numbers of a snapshot, little-endian. It asks the source for exactly the bytes announced by {@link fill}, never for more: what
 * follows in the source belongs to somebody else.
 */
export class ChunkReader {
  readonly #input: SnapshotReader
  readonly #subject: string
  readonly #bytes = new Uint8Array(CHUNK_BYTES)
  readonly #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** `subject` names what is read, in errors. */
  constructor(input: SnapshotReader, subject: string) {
    this.#input = input
    this.#subject = subject
  }

  /** Fetches the next `length` bytes, at most {@link CHUNK_BYTES}; those of the last time must have been used up. */
  fill(length: number): this {
    this.#input.read(this.#bytes.subarray(0, length))
    this.#at = 0
    return this
  }

  /** The next whole number from 0 to 2^32 - 1. */
  u32(): number {
    const value = this.#view.getUint32(this.#at, true)
    this.#at += 4
    return value
  }

  /** The next number written by `u53`. @throws {ExchangeSnapshotError} it is 2^53 or more */
  u53(): number {
    const low = this.u32()
    const high = this.u32()
    if (high >= 0x200000) this.fail('a number in it is 2^53 or more')
    return high * TWO_32 + low
  }

  /** Reads a mark and a version, and refuses all others. @throws {ExchangeSnapshotError} */
  heading(magic: number, version: number): void {
    this.fill(8)
    const mark = this.u32()
    if (mark !== magic) this.fail(`it starts with ${hex(mark)}, not with ${hex(magic)}; it is of something else, or damaged`, mark)
    const found = this.u32()
    if (found !== version)
      this.fail(
        `its format has version ${found}, and this is able to read version ${version}; use the release that wrote it, or a newer one`,
        found,
      )
  }

  /** Refuses the snapshot. @throws {ExchangeSnapshotError} always */
  fail(problem: string, value?: number): never {
    throw new ExchangeSnapshotError(this.#subject, problem, value === undefined ? {} : { value })
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
