/**
 * The type of one field. Whole numbers are named by sign and bits; `u53` and `i53` take 8 bytes and hold every whole number that a
 * JavaScript number holds exactly; `bool` takes one byte.
 */
export type FieldType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u53' | 'i53' | 'f32' | 'f64' | 'bool'

/** The properties of a generated view that hold its DataView and where it lies. No field may have these names. */
export const DATA_VIEW = '$view'
export const BYTE_OFFSET = '$at'

/**
 * What a field type is, twice: as expressions for the generated accessors, and as functions for places where code generation is
 * forbidden. The two must agree; a test compares them value by value.
 */
export interface FieldKind {
  /** Bytes, and the alignment. */
  readonly size: number
  /** What may be stored, as an error says it. */
  readonly range: string
  /** An expression that is true when `value` may NOT be stored. */
  readonly refusesCode: (value: string) => string
  /** An expression that reads the field at byte `at` of the DataView `data`. */
  readonly readCode: (data: string, at: (plus: number) => string) => string
  /** Statements that write `value`. */
  readonly writeCode: (data: string, at: (plus: number) => string, value: string) => string
  /** The body of the setter of field number `index`: statements that check `value` and write it. `refuse(index, value)` throws. */
  readonly setCode: (data: string, at: (plus: number) => string, value: string, index: number) => string
  readonly accepts: (value: unknown) => boolean
  readonly read: (data: DataView, at: number) => number | boolean
  readonly write: (data: DataView, at: number, value: number | boolean) => void
}

const HIGH = 2 ** 32

/** The setter of most types. */
function setCodeOf(kind: Pick<FieldKind, 'refusesCode' | 'writeCode'>): FieldKind['setCode'] {
  return (data, at, value, index) => `if (${kind.refusesCode(value)}) refuse(${index}, ${value}); ${kind.writeCode(data, at, value)}`
}

/** What the setter of a wide number calls for everything that does not fit 32 bits: most ids and counts do, and then nothing is divided. */
export const wideCode = `function writeWide(data, at, value, least, index) {
  if (typeof value !== 'number' || !(value >= least && value <= ${Number.MAX_SAFE_INTEGER} && Math.floor(value) === value)) refuse(index, value)
  data.setUint32(at, value >>> 0, true)
  data.setInt32(at + 4, Math.floor(value / ${HIGH}), true)
}`

/** Narrow whole numbers: JavaScript's own conversion to that width must give the value back. That refuses fractions and NaN too. */
function narrow(bits: 8 | 16 | 32, signed: boolean): FieldKind {
  const method = `${signed ? 'Int' : 'Uint'}${bits}` as const
  const [least, most] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
  const shift = 32 - bits
  const convert = signed ? (bits === 32 ? '| 0' : `<< ${shift} >> ${shift}`) : bits === 32 ? '>>> 0' : `& ${most}`
  const code: Pick<FieldKind, 'refusesCode' | 'writeCode'> = {
    refusesCode: value => `typeof ${value} !== 'number' || ${value} !== (${value} ${convert})`,
    writeCode: (data, at, value) => `${data}.set${method}(${at(0)}, ${value}, true)`,
  }
  return {
    ...code,
    setCode: setCodeOf(code),
    size: bits / 8,
    range: `a whole number from ${least} to ${most}`,
    readCode: (data, at) => `${data}.get${method}(${at(0)}, true)`,
    accepts: value => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
    read: (data, at) => data[`get${method}`](at, true),
    write: (data, at, value) => data[`set${method}`](at, value as number, true),
  }
}

/** 64-bit whole numbers in two's complement, limited to what a number holds exactly: two 32-bit halves, because BigInt allocates. */
function wide(signed: boolean): FieldKind {
  const least = signed ? Number.MIN_SAFE_INTEGER : 0
  const most = Number.MAX_SAFE_INTEGER
  const high = signed ? 'Int32' : 'Uint32'
  return {
    size: 8,
    range: `a whole number from ${least} to ${most}`,
    refusesCode: value =>
      `typeof ${value} !== 'number' || !(${value} >= ${least} && ${value} <= ${most} && Math.floor(${value}) === ${value})`,
    readCode: (data, at) => `${data}.getUint32(${at(0)}, true) + ${data}.get${high}(${at(4)}, true) * ${HIGH}`,
    writeCode: (data, at, value) =>
      `${data}.setUint32(${at(0)}, ${value} >>> 0, true), ${data}.set${high}(${at(4)}, Math.floor(${value} / ${HIGH}), true)`,
    setCode: (data, at, value, index) =>
      `if (typeof ${value} === 'number' && ${value} === ${value} >>> 0) { ${data}.setUint32(${at(0)}, ${value}, true); ${data}.setUint32(${at(4)}, 0, true) } else writeWide(${data}, ${at(0)}, ${value}, ${least}, ${index})`,
    accepts: value => typeof value === 'number' && Number.isSafeInteger(value) && value >= least,
    read: (data, at) => data.getUint32(at, true) + data[`get${high}`](at + 4, true) * HIGH,
    write: (data, at, value) => {
      data.setUint32(at, (value as number) >>> 0, true)
      data[`set${high}`](at + 4, Math.floor((value as number) / HIGH), true)
    },
  }
}

const f32Code: Pick<FieldKind, 'refusesCode' | 'writeCode'> = {
  refusesCode: value => `typeof ${value} !== 'number' || Math.abs(Math.fround(${value})) === Infinity && Math.abs(${value}) !== Infinity`,
  writeCode: (data, at, value) => `${data}.setFloat32(${at(0)}, ${value}, true)`,
}

const f32: FieldKind = {
  ...f32Code,
  setCode: setCodeOf(f32Code),
  size: 4,
  range: 'a number that does not overflow 32 bits (it is rounded to the nearest float)',
  readCode: (data, at) => `${data}.getFloat32(${at(0)}, true)`,
  accepts: value => typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value)),
  read: (data, at) => data.getFloat32(at, true),
  write: (data, at, value) => data.setFloat32(at, value as number, true),
}

const f64Code: Pick<FieldKind, 'refusesCode' | 'writeCode'> = {
  refusesCode: value => `typeof ${value} !== 'number'`,
  writeCode: (data, at, value) => `${data}.setFloat64(${at(0)}, ${value}, true)`,
}

const f64: FieldKind = {
  ...f64Code,
  setCode: setCodeOf(f64Code),
  size: 8,
  range: 'a number',
  readCode: (data, at) => `${data}.getFloat64(${at(0)}, true)`,
  accepts: value => typeof value === 'number',
  read: (data, at) => data.getFloat64(at, true),
  write: (data, at, value) => data.setFloat64(at, value as number, true),
}

const boolCode: Pick<FieldKind, 'refusesCode' | 'writeCode'> = {
  refusesCode: value => `${value} !== true && ${value} !== false`,
  writeCode: (data, at, value) => `${data}.setUint8(${at(0)}, ${value} ? 1 : 0)`,
}

const bool: FieldKind = {
  ...boolCode,
  setCode: setCodeOf(boolCode),
  size: 1,
  range: 'true or false',
  readCode: (data, at) => `${data}.getUint8(${at(0)}) !== 0`,
  accepts: value => typeof value === 'boolean',
  read: (data, at) => data.getUint8(at) !== 0,
  write: (data, at, value) => data.setUint8(at, value ? 1 : 0),
}

/** Every field type by its name. */
export const fieldKinds: ReadonlyMap<FieldType, FieldKind> = new Map<FieldType, FieldKind>([
  ['u8', narrow(8, false)],
  ['i8', narrow(8, true)],
  ['u16', narrow(16, false)],
  ['i16', narrow(16, true)],
  ['u32', narrow(32, false)],
  ['i32', narrow(32, true)],
  ['u53', wide(false)],
  ['i53', wide(true)],
  ['f32', f32],
  ['f64', f64],
  ['bool', bool],
])
