import { RecordError } from '../errors.ts'
import type { InlineCode, LeafKind } from './kind.ts'

const HIGH = 2 ** 32
const MOST = Number.MAX_SAFE_INTEGER

/** How DataView calls whole numbers of up to 32 bits. */
type NarrowName = 'Uint8' | 'Int8' | 'Uint16' | 'Int16' | 'Uint32' | 'Int32'

/** Written out: a method that is looked up by a name put together takes ten times as long. */
const narrowAccess: Readonly<Record<NarrowName, Pick<LeafKind, 'read' | 'write'>>> = {
  Uint8: { read: (data, at) => data.getUint8(at), write: (data, at, value: number) => data.setUint8(at, value) },
  Int8: { read: (data, at) => data.getInt8(at), write: (data, at, value: number) => data.setInt8(at, value) },
  Uint16: { read: (data, at) => data.getUint16(at, true), write: (data, at, value: number) => data.setUint16(at, value, true) },
  Int16: { read: (data, at) => data.getInt16(at, true), write: (data, at, value: number) => data.setInt16(at, value, true) },
  Uint32: { read: (data, at) => data.getUint32(at, true), write: (data, at, value: number) => data.setUint32(at, value, true) },
  Int32: { read: (data, at) => data.getInt32(at, true), write: (data, at, value: number) => data.setInt32(at, value, true) },
}

/** Narrow whole numbers: JavaScript's own conversion to that width must give the value back. That refuses fractions and NaN too. */
export function narrow(text: string, bits: 8 | 16 | 32, signed: boolean): LeafKind {
  const name = `${signed ? 'Int' : 'Uint'}${bits}` as const
  const [least, most] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
  const shift = 32 - bits
  const convert = signed ? (bits === 32 ? '| 0' : `<< ${shift} >> ${shift}`) : bits === 32 ? '>>> 0' : `& ${most}`
  return {
    form: 'leaf',
    text,
    size: bits / 8,
    alignment: bits / 8,
    range: `a whole number from ${least} to ${most}`,
    accepts: value => typeof value === 'number' && value >= least && value <= most && Math.floor(value) === value,
    ...narrowAccess[name],
    inline: {
      refuses: value => `typeof ${value} !== 'number' || ${value} !== (${value} ${convert})`,
      read: (data, at) => `${data}.get${name}(${at(0)}, true)`,
      write: (data, at, value) => `${data}.set${name}(${at(0)}, ${value}, true)`,
    },
  }
}

/** Writes a wide number. Most ids and counts fit 32 bits, and then nothing is divided. */
export function writeWide(data: DataView, at: number, value: number): void {
  if (value === value >>> 0) {
    data.setUint32(at, value, true)
    data.setUint32(at + 4, 0, true)
  } else writeFar(data, at, value)
}

/** {@link writeWide} for what does not fit 32 bits. */
export function writeFar(data: DataView, at: number, value: number): void {
  data.setUint32(at, value >>> 0, true)
  data.setInt32(at + 4, Math.floor(value / HIGH), true)
}

/** Whether a number is whole, exact and not less than that. */
export function isWide(value: unknown, least: number): boolean {
  return (typeof value === 'number' && value === value >>> 0) || isFar(value, least)
}

/** {@link isWide} for what does not fit 32 bits. */
export function isFar(value: unknown, least: number): boolean {
  return typeof value === 'number' && value >= least && value <= MOST && Math.floor(value) === value
}

/** Passes on what is exact. @throws {RecordError} */
export function exact(value: number, what: string): number {
  if (value > MOST || value < -MOST) throw new RecordError(`field ${what}`, 'holds a number beyond 53 bits')
  return value
}

const readUnsigned = (data: DataView, at: number) => data.getUint32(at, true) + data.getUint32(at + 4, true) * HIGH
const readSigned = (data: DataView, at: number) => data.getUint32(at, true) + data.getInt32(at + 4, true) * HIGH

/** 64-bit whole numbers in two's complement, limited to what a number holds exactly: two 32-bit halves, because BigInt allocates. */
export function wide(text: string, signed: boolean): LeafKind {
  const least = signed ? -MOST : 0
  const high = signed ? 'Int32' : 'Uint32'
  const read = signed ? readSigned : readUnsigned
  const readCode: NonNullable<InlineCode['read']> = (data, at) =>
    `${data}.getUint32(${at(0)}, true) + ${data}.get${high}(${at(4)}, true) * ${HIGH}`
  return {
    form: 'leaf',
    text,
    size: 8,
    alignment: 8,
    range: `a whole number from ${least} to ${MOST}`,
    accepts: value => isWide(value, least),
    read,
    copy: (data, at, what) => exact(read(data, at), what),
    write: (data, at, value: number) => writeWide(data, at, value),
    inline: {
      refuses: value => `!isWide(${value}, ${least})`,
      read: readCode,
      copy: (data, at, what) => `exact(${readCode(data, at)}, ${what})`,
      write: (data, at, value) => `writeWide(${data}, ${at(0)}, ${value})`,
      set: (data, at, value, refusal) =>
        `if (typeof ${value} === 'number' && ${value} === ${value} >>> 0) { ${data}.setUint32(${at(0)}, ${value}, true); ${data}.setUint32(${at(4)}, 0, true) } else if (isFar(${value}, ${least})) writeFar(${data}, ${at(0)}, ${value}); else ${refusal}`,
    },
  }
}

const unsignedBig: Pick<LeafKind, 'read' | 'write'> = {
  read: (data, at) => data.getBigUint64(at, true),
  write: (data, at, value: bigint) => data.setBigUint64(at, value, true),
}
const signedBig: Pick<LeafKind, 'read' | 'write'> = {
  read: (data, at) => data.getBigInt64(at, true),
  write: (data, at, value: bigint) => data.setBigInt64(at, value, true),
}

/** 64-bit whole numbers as `bigint`s. */
export function big(text: string, signed: boolean): LeafKind {
  const method = signed ? 'BigInt64' : 'BigUint64'
  const wrap = signed ? BigInt.asIntN : BigInt.asUintN
  return {
    form: 'leaf',
    text,
    size: 8,
    alignment: 8,
    range: signed ? 'a bigint from -2^63 to 2^63 - 1' : 'a bigint from 0 to 2^64 - 1',
    accepts: value => typeof value === 'bigint' && wrap(64, value) === value,
    ...(signed ? signedBig : unsignedBig),
    inline: {
      refuses: value => `typeof ${value} !== 'bigint' || ${value} !== BigInt.as${signed ? 'Int' : 'Uint'}N(64, ${value})`,
      read: (data, at) => `${data}.get${method}(${at(0)}, true)`,
      write: (data, at, value) => `${data}.set${method}(${at(0)}, ${value}, true)`,
    },
  }
}
