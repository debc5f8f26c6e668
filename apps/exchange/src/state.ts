import type { SnapshotReader, SnapshotWriter } from 'disruptorx/cluster'
import { Book } from './book/book.ts'
import { readBook, writeBook } from './book/snapshot.ts'
import { ChunkReader } from './snapshot/chunk-reader.ts'
import { ChunkWriter } from './snapshot/chunk-writer.ts'

/** How far a source of messages was consumed: kept with the book, so that whoever resumes can tell whether it is the same source. */
export interface SourcePosition {
  /** Number of the last line consumed, from 1; 0 before the first. */
  line: number
  /** Lower 32 bits of the {@link Hash64} of all bytes of the source up to and including that line. */
  hashLow: number
  /** Upper 32 bits of it. */
  hashHigh: number
}

/** The state of the application. */
export interface ExchangeState {
  readonly book: Book
  readonly source: SourcePosition
}

/*
 * Format, little-endian:
 *
 *   0   u32  magic      8   u53  line         20  u32  hashHigh
 *   4   u32  version    16  u32  hashLow      24       the book
 */
const MAGIC = 0x53584544
const VERSION = 1
const POSITION_BYTES = 16

/** The state before the first event. */
export function initialState(): ExchangeState {
  return { book: new Book(), source: { line: 0, hashLow: 0, hashHigh: 0 } }
}

/** Writes the state in chunks of at most 64 KiB. */
export function writeState(state: ExchangeState, out: SnapshotWriter): void {
  const { line, hashLow, hashHigh } = state.source
  new ChunkWriter(out).u32(MAGIC).u32(VERSION).u53(line).u32(hashLow).u32(hashHigh).flush()
  writeBook(state.book, out)
}

/**
 * Reads a state that behaves exactly as the one that was written.
 *
 * @throws {ExchangeSnapshotError} it is no snapshot of an exchange, of another version, or damaged
 */
export function readState(input: SnapshotReader): ExchangeState {
  const reader = new ChunkReader(input, 'exchange')
  reader.heading(MAGIC, VERSION)
  reader.fill(POSITION_BYTES)
  const source = { line: reader.u53(), hashLow: reader.u32(), hashHigh: reader.u32() }
  return { book: readBook(input), source }
}
