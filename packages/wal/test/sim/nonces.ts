import type { FileRequest } from '@disruptorx/contracts'
import type { WrittenBatch } from './written-batch.ts'

/** "DXWA", as FORMAT.md has it. */
const SEGMENT = 0x4157_5844
const SEGMENT_HEADER_BYTES = 128

/** Every nonce that batches were encrypted with: one nonce for two different bodies would give both away. */
export class Nonces {
  /** By nonce: the tag of what was encrypted with it. */
  readonly #tags = new Map<string, string>()
  /** By segment: the name of its key. */
  readonly #keys = new Map<number, string>()

  /** Takes note of the header of a segment, if a write brings one. */
  noteKey({ buffer, offset, length, position }: FileRequest): void {
    if (length < SEGMENT_HEADER_BYTES || position !== 0) return
    const view = new DataView(buffer.buffer, buffer.byteOffset + offset, length)
    if (view.getUint32(0, true) === SEGMENT) this.#keys.set(Number(view.getBigUint64(32, true)), words(view, 64, 80))
  }

  /** Takes note of the nonce of a batch. @throws when it served before, for something else */
  note({ content, segment, firstLsn, isEncrypted }: WrittenBatch): void {
    if (!isEncrypted) return
    const view = new DataView(content.buffer, content.byteOffset, content.length)
    const place = `epoch ${view.getUint32(92, true)}, LSN ${firstLsn}`
    const nonce = `journal ${words(view, 8, 24)}, key ${this.#keys.get(segment)}, ${place}`
    const tag = words(view, 72, 88)
    const before = this.#tags.get(nonce)
    this.#tags.set(nonce, tag)
    if (before !== undefined && before !== tag) throw new Error(`one nonce serves twice: ${nonce}`)
  }
}

/** Bytes as text, for comparison. */
function words(view: DataView, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at += 4) text += `${view.getUint32(at, true).toString(36)}.`
  return text
}
