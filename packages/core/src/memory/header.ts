import { OptionError } from '@disruptorx/contracts'
import { type StructSpec, struct, type ValueLayout } from '@disruptorx/layout'
import { AttachError } from '../errors.ts'
import { isSharedMemory } from './shared-memory.ts'

/** The first words of every shared structure: what it is, and in which version of its layout. */
export const MAGIC = 0
export const VERSION = 1

/** Shows a word as people compare them. */
function hex(word: number): string {
  return `0x${(word >>> 0).toString(16).padStart(8, '0')}`
}

/** Checks that memory holds what is expected. @throws {AttachError} names the property with both values */
export function checkHeader(what: string, memory: unknown, magic: number, version: number, least: number): Int32Array {
  if (!isSharedMemory(memory)) throw new AttachError(what, 'memory', typeof memory, 'a SharedArrayBuffer')
  if (memory.byteLength < least) throw new AttachError(what, 'size in bytes', memory.byteLength, `at least ${least}`)
  const words = new Int32Array(memory)
  checkWord(what, 'magic number', hex(words[MAGIC] as number), hex(magic))
  checkWord(what, 'version', words[VERSION] as number, version)
  return words
}

/** Compares one property. @throws {AttachError} */
export function checkWord(what: string, property: string, found: number | string, expected: number | string): void {
  if (found !== expected) throw new AttachError(what, property, found, expected)
}

/** Refuses what is passed in place of a handle: nothing, or the thing itself. @throws {OptionError} */
export function checkHandle(what: string, handle: unknown): void {
  const itself = typeof handle === 'object' && handle !== null && 'handle' in handle
  if (typeof handle === 'object' && handle !== null && !itself) return
  throw new OptionError('handle', itself ? `a ${what}` : handle, `the handle of a ${what}, as its property handle is`)
}

/** Refuses what is passed in place of a layout, such as the fields of one. @throws {OptionError} */
export function checkLayout<T>(layout: ValueLayout<T>): void {
  const given = layout as Partial<ValueLayout<T>> | null | undefined
  if (typeof given?.view === 'function' && typeof given.size === 'number') return
  const shown = typeof given === 'object' && given !== null ? `an object with ${Object.keys(given).join(', ') || 'nothing'}` : given
  throw new OptionError('layout', shown, "what struct({ ... }) returns, such as struct({ id: 'u53', price: 'u32' })")
}

/** Compares the layout that memory has with the one that is expected there. @throws {AttachError} shows the fields of both */
export function checkLayoutHash<T>(what: string, hash: number, spec: StructSpec, expected: ValueLayout<T>): void {
  if (hash >>> 0 === expected.hash) return
  const found = struct(spec)
  const shown = found.hash === hash >>> 0 ? found.description : hex(hash)
  throw new AttachError(what, 'layout', shown, expected.description)
}
