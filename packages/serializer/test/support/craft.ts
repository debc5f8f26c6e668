import { crc32 } from 'node:zlib'

/** A batch that no writer makes: each field of the header as given, the CRCs right unless they are given too. */
export interface Crafted {
  readonly magic?: number
  readonly version?: number
  readonly compression?: number
  readonly bodyBytes?: number
  readonly plainBytes?: number
  readonly frames?: number
  readonly headerCrc?: number
  readonly bodyCrc?: number
}

/** One frame, by hand. */
export function craftFrame(payload: Uint8Array, { length = payload.length, type = 1, flags = 0, form = 0 } = {}): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(length, 0)
  head.writeUInt16LE(type, 4)
  head[6] = flags
  head[7] = form
  return Buffer.concat([head, payload])
}

/** One batch, by hand and by Node's own CRC: what FORMAT.md says, written a second time. */
export function craftBatch(body: Uint8Array, crafted: Crafted = {}): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt16LE(crafted.magic ?? 0x5844, 0)
  header[2] = crafted.version ?? 1
  header[3] = crafted.compression ?? 0
  header.writeUInt32LE(crafted.bodyBytes ?? body.length, 4)
  header.writeUInt32LE(crafted.plainBytes ?? body.length, 8)
  header.writeUInt32LE(crafted.frames ?? 1, 12)
  const crc = crc32(header.subarray(0, 16))
  header.writeUInt32LE(crafted.headerCrc ?? crc, 16)
  header.writeUInt32LE(crafted.bodyCrc ?? crc32(body, crc), 20)
  return Buffer.concat([header, body])
}
