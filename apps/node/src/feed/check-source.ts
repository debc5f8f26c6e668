import { createMessage, parseLine } from '@disruptorx/exchange'
import { SourceError } from '../cli/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { LineReader } from './line-reader.ts'

/** A file of which none of its first lines is a message is no order file. */
const LINES_LOOKED_AT = 100
const BYTES_LOOKED_AT = 1_048_576

/** How compressed files begin, and what turns them into text. */
const compressed: readonly (readonly [format: string, decompress: string, magic: readonly number[]])[] = [
  ['gzip', 'gzip -dc', [0x1f, 0x8b]],
  ['zstd', 'zstd -dc', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', 'unzip -p', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', 'unzip -p', [0x50, 0x4b, 0x05, 0x06]],
  ['bzip2', 'bzip2 -dc', [0x42, 0x5a, 0x68]],
  ['xz', 'xz -dc', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', 'lz4 -dc', [0x04, 0x22, 0x4d, 0x18]],
]

/**
 * Looks at the beginning of a source, and returns a source that begins there again.
 *
 * @throws {SourceError} it is empty, compressed, or no order file: none of its first 100 lines (looked for in its first MiB) is a message
 */
export async function checkSource(source: ByteSource, signal: AbortSignal): Promise<ByteSource> {
  const seen: Uint8Array[] = []
  const lines = new LineReader()
  const message = createMessage()
  for (let bytes = 0; ; ) {
    const kind = lines.next()
    if (kind === 'line' && parseLine(lines.bytes, lines.start, lines.end, message)) return again(source, seen)
    if (kind !== 'more') {
      if (lines.number >= LINES_LOOKED_AT) throw noOrders(source, `none of its first ${LINES_LOOKED_AT} lines is one`)
      continue
    }
    if (bytes >= BYTES_LOOKED_AT) throw noOrders(source, 'none was found in its first MiB')
    const chunk = await source.read(signal)
    if (chunk === undefined) {
      if (bytes === 0) throw new SourceError(`${source.name} is empty: it holds no order messages`)
      if (finished(lines, message)) return again(source, seen)
      throw noOrders(source, 'none of its lines is one')
    }
    seen.push(chunk)
    bytes += chunk.length
    if (bytes === chunk.length || bytes < 8) refuseCompressed(source, Buffer.concat(seen))
    lines.push(chunk)
  }
}

/** Whether what is left at the end of a source is a message without a line feed. */
function finished(lines: LineReader, message: ReturnType<typeof createMessage>): boolean {
  lines.finish()
  return lines.next() === 'line' && parseLine(lines.bytes, lines.start, lines.end, message)
}

function refuseCompressed(source: ByteSource, beginning: Uint8Array): void {
  for (const [format, decompress, magic] of compressed) {
    if (!magic.every((byte, at) => beginning[at] === byte)) continue
    const from = source.identity === '-' ? '' : ` ${source.name}`
    throw new SourceError(`${source.name} is compressed (${format}); decompress it first: ${decompress}${from} | disruptorx replay -`, {
      format,
    })
  }
}

function noOrders(source: ByteSource, seen: string): SourceError {
  const expected = 'expected lines of time,type,order id,size,price,direction'
  return new SourceError(`${source.name} is not a file of order messages: ${seen}; ${expected}`)
}

function again(source: ByteSource, seen: Uint8Array[]): ByteSource {
  return { ...source, read: signal => (seen.length > 0 ? Promise.resolve(seen.shift()) : source.read(signal)) }
}
