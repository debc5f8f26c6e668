import type { SnapshotReader, SnapshotWriter } from 'disruptorx/cluster'
import type { Book } from '../src/book/book.ts'
import { visitOrders } from '../src/book/digest.ts'

/** Every order of a book as `side price position id rest`, in canonical order. */
export function linesOf(book: Book): string[] {
  const lines: string[] = []
  visitOrders(book, (side, price, position, id, rest) => lines.push(`${side} ${price} ${position} ${id} ${rest}`))
  return lines
}

/** Bytes written, and how large each piece was. */
export class MemorySnapshot implements SnapshotWriter {
  readonly pieces: Uint8Array[] = []

  write(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice())
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.pieces))
  }
}

/** Reads from bytes; throws where they end. */
export class MemoryReader implements SnapshotReader {
  readonly #bytes: Uint8Array
  /** Bytes read so far. */
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(target: Uint8Array): void {
    if (this.at + target.length > this.#bytes.length) throw new Error('no bytes left')
    target.set(this.#bytes.subarray(this.at, this.at + target.length))
    this.at += target.length
  }
}
