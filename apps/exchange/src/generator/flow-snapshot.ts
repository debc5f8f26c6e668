import type { SnapshotReader, SnapshotWriter } from 'disruptorx/cluster'
import type { Book } from '../book/book.ts'
import { readBook, writeBook } from '../book/snapshot.ts'
import { ChunkReader } from '../snapshot/chunk-reader.ts'
import { CHUNK_BYTES, ChunkWriter } from '../snapshot/chunk-writer.ts'
import { HIGHEST_MID, LOWEST_MID, OrderFlow, SESSION_CLOSES, SESSION_OPENS } from './order-flow.ts'

/*
 * Format, little-endian:
 *
 *   0   u32  magic          8   4 x u32  random state      24  u32  restingOrders     32  u32  live     40  u53  count    56  u53  lastId
 *   4   u32  version                                       28  u32  mid               36  u32  0        48  u53  time
 *   64       ids of the table, u53 each; then the book
 */
const MAGIC = 0x574c4644
const VERSION = 1
const HEADING_BYTES = 56
const IDS_PER_CHUNK = CHUNK_BYTES / 8

/** Writes a flow, so that {@link restoreFlow} goes on with exactly the messages that this one would have made. */
export function saveFlow(flow: OrderFlow, out: SnapshotWriter): void {
  const { state } = flow
  const writer = new ChunkWriter(out)
  writer.u32(MAGIC).u32(VERSION)
  for (const word of flow.random.state) writer.u32(word >>> 0)
  writer.u32(flow.restingOrders).u32(state.mid).u32(state.live).u32(0)
  writer.u53(state.count).u53(state.time).u53(state.lastId)
  for (let at = 0; at < state.live; at++) writer.u53(state.table[at] as number)
  writer.flush()
  writeBook(flow.book, out)
}

/**
 * Reads a flow that was written by {@link saveFlow}.
 *
 * @throws {ExchangeSnapshotError} it is no snapshot of a flow, of another version, or damaged
 */
export function restoreFlow(input: SnapshotReader): OrderFlow {
  const reader = new ChunkReader(input, 'order flow')
  const within = (name: string, value: number, least: number, most: number): number =>
    value >= least && value <= most ? value : reader.fail(`its ${name} is ${value}, not ${least} to ${most}`, value)

  reader.heading(MAGIC, VERSION)
  reader.fill(HEADING_BYTES)
  const words = [reader.u32(), reader.u32(), reader.u32(), reader.u32()]
  if (words.every(word => word === 0)) reader.fail('its random state is all 0')
  const restingOrders = within('restingOrders', reader.u32(), 100, 100_000)
  const mid = within('mid', reader.u32(), LOWEST_MID, HIGHEST_MID)
  const live = within('number of ids', reader.u32(), 0, restingOrders * 4)
  within('reserved field', reader.u32(), 0, 0)
  const count = reader.u53()
  const time = within('time', reader.u53(), SESSION_OPENS, SESSION_CLOSES - 1)
  const lastId = reader.u53()
  const table = new Float64Array(live)
  for (let at = 0; at < live; ) {
    const batch = Math.min(live - at, IDS_PER_CHUNK)
    reader.fill(batch * 8)
    for (const end = at + batch; at < end; at++) table[at] = reader.u53()
  }

  const book = readBook(input)
  within('room in the book', book.maxOrders, restingOrders * 2, restingOrders * 2)
  if (!covers(table, book, lastId)) reader.fail('its ids are not those of the orders that rest')
  const flow = new OrderFlow({ seed: 0, restingOrders }, book)
  flow.random.state.set(words)
  flow.state.table.set(table)
  Object.assign(flow.state, { count, time, lastId, mid, live })
  return flow
}

/** Whether a table has each resting order once, and no id beyond the youngest: what the flow relies on when it picks and names orders. */
function covers(table: Float64Array, book: Book, lastId: number): boolean {
  let resting = 0
  for (const id of table) {
    if (id > lastId) return false
    if (book.slotOf(id) !== -1) resting++
  }
  return resting === book.restingOrders && new Set(table).size === table.length
}
