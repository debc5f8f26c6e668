import type { ScalarType } from '../spec.ts'
import type { LeafKind } from './kind.ts'
import { big, narrow, wide } from './whole-numbers.ts'

const f32: LeafKind = {
  form: 'leaf',
  text: 'f32',
  size: 4,
  alignment: 4,
  range: 'a number that does not overflow 32 bits (it is rounded to the nearest float)',
  accepts: value => typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value)),
  read: (data, at) => data.getFloat32(at, true),
  write: (data, at, value: number) => data.setFloat32(at, value, true),
  inline: {
    refuses: value => `typeof ${value} !== 'number' || Math.abs(Math.fround(${value})) === Infinity && Math.abs(${value}) !== Infinity`,
    read: (data, at) => `${data}.getFloat32(${at(0)}, true)`,
    write: (data, at, value) => `${data}.setFloat32(${at(0)}, ${value}, true)`,
  },
}

const f64: LeafKind = {
  form: 'leaf',
  text: 'f64',
  size: 8,
  alignment: 8,
  range: 'a number',
  accepts: value => typeof value === 'number',
  read: (data, at) => data.getFloat64(at, true),
  write: (data, at, value: number) => data.setFloat64(at, value, true),
  inline: {
    refuses: value => `typeof ${value} !== 'number'`,
    read: (data, at) => `${data}.getFloat64(${at(0)}, true)`,
    write: (data, at, value) => `${data}.setFloat64(${at(0)}, ${value}, true)`,
  },
}

const bool: LeafKind = {
  form: 'leaf',
  text: 'bool',
  size: 1,
  alignment: 1,
  range: 'true or false',
  accepts: value => typeof value === 'boolean',
  read: (data, at) => data.getUint8(at) !== 0,
  write: (data, at, value: boolean) => data.setUint8(at, value ? 1 : 0),
  inline: {
    refuses: value => `${value} !== true && ${value} !== false`,
    read: (data, at) => `${data}.getUint8(${at(0)}) !== 0`,
    write: (data, at, value) => `${data}.setUint8(${at(0)}, ${value} ? 1 : 0)`,
  },
}

/** Every type that is told by its name, by that name. */
export const scalars: ReadonlyMap<ScalarType, LeafKind> = new Map<ScalarType, LeafKind>([
  ['u8', narrow('u8', 8, false)],
  ['i8', narrow('i8', 8, true)],
  ['u16', narrow('u16', 16, false)],
  ['i16', narrow('i16', 16, true)],
  ['u32', narrow('u32', 32, false)],
  ['i32', narrow('i32', 32, true)],
  ['u53', wide('u53', false)],
  ['i53', wide('i53', true)],
  ['u64', big('u64', false)],
  ['i64', big('i64', true)],
  ['f32', f32],
  ['f64', f64],
  ['bool', bool],
])
