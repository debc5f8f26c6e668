import { AttachError } from '../errors.ts'
import { isSharedMemory } from './shared-memory.ts'

/** The first words of every shared structure: what it is, and in which version of its layout. */
export const MAGIC = 0
export const VERSION = 1

/** Shows a word as people compare them. */
export function hex(word: number): string {
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
