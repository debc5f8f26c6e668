import type { SnapshotReader, SnapshotWriter } from 'disruptorx/cluster'
import { ChunkReader } from '../snapshot/chunk-reader.ts'
import { CHUNK_BYTES, ChunkWriter } from '../snapshot/chunk-writer.ts'
import { Book, MOST_ORDERS } from './book.ts'
import { type BookCounters, COUNTERS } from './counters.ts'
import { digestOf, visitOrders } from './digest.ts'
import { Outcome } from './outcome.ts'

/*
 * Format, little-endian:
 *
 *   0   u32  magic            8   u32  maxOrders      16  u32  asks (orders)
 *   4   u32  version          12  u32  bids (orders)  20  u32  0
 *   24  u53  counters, in the order of COUNTERS
 *   96       orders, in canonical order, 16 bytes each: u53 id, u32 price, u32 rest
 *   then     u32 low and u32 high half of the book's digest
 */
const MAGIC = 0x4b424f44
const VERSION = 1
const HEADING_BYTES = 16 + COUNTERS.length * 8
const ORDER_BYTES = 16
const ORDERS_PER_CHUNK = CHUNK_BYTES / ORDER_BYTES

/** Writes a book: orders in canonical order, so equal books are equal bytes. */
export function writeBook(book: Book, out: SnapshotWriter): void {
  const writer = new ChunkWriter(out)
  let bids = 0
  for (const head of book.queues(1)) bids += book.queueLengthAt(head)
  writer.u32(MAGIC).u32(VERSION).u32(book.maxOrders).u32(bids)
  writer.u32(book.restingOrders - bids).u32(0)
  const counters = book.counters()
  for (const name of COUNTERS) writer.u53(counters[name])
  visitOrders(book, (_side, price, _position, id, rest) => {
    writer.u53(id).u32(price).u32(rest)
  })
  const digest = digestOf(book)
  writer.u32(digest.low).u32(digest.high).flush()
}

/**
 * Reads a book that behaves exactly as the one that was written. Memory is taken as orders arrive, never on the word of a length.
 *
 * @throws {ExchangeSnapshotError} it is no snapshot of a book, of another version, or damaged
 */
export function readBook(input: SnapshotReader): Book {
  const reader = new ChunkReader(input, 'book')
  reader.heading(MAGIC, VERSION)
  reader.fill(HEADING_BYTES)
  const maxOrders = reader.u32()
  if (maxOrders < 1 || maxOrders > MOST_ORDERS) reader.fail(`it allows ${maxOrders} orders, not 1 to ${MOST_ORDERS}`, maxOrders)
  const bids = reader.u32()
  const asks = reader.u32()
  if (bids + asks > maxOrders) reader.fail(`it announces ${bids + asks} orders and allows ${maxOrders}`, bids + asks)
  if (reader.u32() !== 0) reader.fail('a reserved field of it is not 0')
  const counters = Object.fromEntries(COUNTERS.map(name => [name, reader.u53()])) as Record<keyof BookCounters, number>
  const book = new Book({ maxOrders })
  readSide(reader, book, 1, bids)
  readSide(reader, book, -1, asks)
  book.setCounters(counters)
  const digest = digestOf(book)
  reader.fill(8)
  if (reader.u32() !== digest.low || reader.u32() !== digest.high) reader.fail('its orders do not add up to its digest')
  return book
}

function readSide(reader: ChunkReader, book: Book, side: number, orders: number): void {
  for (let left = orders; left > 0; ) {
    const batch = Math.min(left, ORDERS_PER_CHUNK)
    reader.fill(batch * ORDER_BYTES)
    for (let i = 0; i < batch; i++) {
      const outcome = book.place(reader.u53(), side, reader.u32(), reader.u32())
      if (outcome !== Outcome.accepted) reader.fail('it holds an order that no book can hold, or one twice', outcome)
    }
    left -= batch
  }
}
