/** What the first byte of a value stands for. */
export const PLAIN = 0
export const TEXT = 1
export const ARRAY = 2
const MAP = 3
export const OTHER = 4

/** By first byte: what it stands for. OTHER are extensions, and what means nothing. */
export const kinds = new Uint8Array(256).fill(OTHER)
/** By first byte: bytes of a length that follows; 0 where the first byte has the length. */
export const lengthBytes = new Uint8Array(256)
/** By first byte: bytes or items that follow, where there is no length. */
export const lengths = new Uint8Array(256)

function fixed(first: number, last: number, kind: number, lengthOf: (head: number) => number): void {
  for (let head = first; head <= last; head++) {
    kinds[head] = kind
    lengths[head] = lengthOf(head)
  }
}

function sized(heads: readonly number[], kind: number, firstBytes: number): void {
  for (const [i, head] of heads.entries()) {
    kinds[head] = kind
    lengthBytes[head] = firstBytes << i
  }
}

// As https://github.com/msgpack/msgpack/blob/master/spec.md has them.
fixed(0x00, 0x7f, PLAIN, () => 0)
fixed(0x80, 0x8f, MAP, head => head & 0x0f)
fixed(0x90, 0x9f, ARRAY, head => head & 0x0f)
fixed(0xa0, 0xbf, TEXT, head => head & 0x1f)
fixed(0xc0, 0xc0, PLAIN, () => 0)
fixed(0xc2, 0xc3, PLAIN, () => 0)
sized([0xc4, 0xc5, 0xc6], PLAIN, 1)
fixed(0xca, 0xcb, PLAIN, head => 4 << (head - 0xca))
fixed(0xcc, 0xcf, PLAIN, head => 1 << (head - 0xcc))
fixed(0xd0, 0xd3, PLAIN, head => 1 << (head - 0xd0))
sized([0xd9, 0xda, 0xdb], TEXT, 1)
sized([0xdc, 0xdd], ARRAY, 2)
sized([0xde, 0xdf], MAP, 2)
fixed(0xe0, 0xff, PLAIN, () => 0)
