import { crc32 } from '@disruptorx/contracts/internal'

const head = new Uint8Array(16)
const view = new DataView(head.buffer)

/** The check sum of an entry: over index, term and data. */
export function entryCrc(index: number, term: number, data: Uint8Array): number {
  view.setFloat64(0, index, true)
  view.setFloat64(8, term, true)
  return crc32(data, 0, data.length, crc32(head, 0, head.length))
}
