import type { StructSpec } from '../src/index.ts'

/** A layout, a value and its bytes, which never change. FORMAT.md shows them; a browser is held to them too. */
export interface GoldenRecord {
  readonly name: string
  readonly spec: StructSpec
  readonly version: number
  readonly hash: number
  readonly value: Readonly<Record<string, unknown>>
  readonly hex: string
}

const numbers: StructSpec = {
  ...{ a: 'u8', b: 'i8', c: 'u16', d: 'i16', e: 'u32', f: 'i32' },
  ...{ g: 'u53', h: 'i53', i: 'u64', j: 'i64', k: 'f32', l: 'f64', m: 'bool' },
}
const order: StructSpec = {
  id: 'u53',
  side: { enum: ['buy', 'sell'] },
  symbol: { string: 6 },
  digest: { bytes: 3 },
  at: { struct: { x: 'i16', y: 'u8' } },
  levels: { array: 'u16', length: 2 },
  legs: { array: { struct: { price: 'u32', open: 'bool' } }, length: 2 },
}
const noted: StructSpec = { id: 'u32', note: { tail: 'string', max: 16 } }

/** Records that are read by their own layout. */
export const golden: readonly GoldenRecord[] = [
  {
    name: 'least numbers',
    spec: numbers,
    version: 1,
    hash: 0x48fd356c,
    value: {
      ...{ a: 0, b: -128, c: 0, d: -32_768, e: 0, f: -2_147_483_648, g: 0, h: Number.MIN_SAFE_INTEGER },
      ...{ i: 0n, j: -(2n ** 63n), k: -1.5, l: -0.1, m: false },
    },
    hex: '008000000080000000000000000000800000000000000000010000000000e0ff000000000000000000000000000000800000c0bf000000009a9999999999b9bf0000000000000000',
  },
  {
    name: 'greatest numbers',
    spec: numbers,
    version: 1,
    hash: 0x48fd356c,
    value: {
      ...{
        a: 255,
        b: 127,
        c: 65_535,
        d: 32_767,
        e: 4_294_967_295,
        f: 2_147_483_647,
        g: Number.MAX_SAFE_INTEGER,
        h: Number.MAX_SAFE_INTEGER,
      },
      ...{ i: 2n ** 64n - 1n, j: 2n ** 63n - 1n, k: Number.POSITIVE_INFINITY, l: 0.1, m: true },
    },
    hex: 'ff7fffffff7f0000ffffffffffffff7fffffffffffff1f00ffffffffffff1f00ffffffffffffffffffffffffffffff7f0000807f000000009a9999999999b93f0100000000000000',
  },
  {
    name: 'order',
    spec: order,
    version: 1,
    hash: 0xa465811e,
    value: {
      ...{ id: 2 ** 40 + 1, side: 'sell', symbol: 'ABé', digest: Uint8Array.of(1, 2, 3), at: { x: -2, y: 7 }, levels: [258, 772] },
      legs: [
        { price: 10_050, open: true },
        { price: 1, open: false },
      ],
    },
    hex: '0100000000010000014142c3a90000010203feff07000201040300004227000001000000010000000000000000000000',
  },
  { name: 'tail', spec: noted, version: 1, hash: 0xd8625d7b, value: { id: 7, note: 'héllo' }, hex: '070000000c0000000600000068c3a96c6c6f' },
  { name: 'empty tail', spec: noted, version: 1, hash: 0xd8625d7b, value: { id: 7, note: '' }, hex: '070000000c00000000000000' },
]

/** The layout of the tails above with another field: it reads them, and they what it writes. */
export const newerNoted: GoldenRecord = {
  name: 'tail of a newer version',
  spec: { ...noted, price: 'u32' },
  version: 2,
  hash: 0x02f8957b,
  value: { id: 7, note: 'héllo', price: 5 },
  hex: '0700000010000000060000000500000068c3a96c6c6f',
}
