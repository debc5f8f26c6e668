import { DisruptorError } from '@disruptorx/contracts'

/** A message of a simulated network holds something that cannot go over a wire. Code `DX_MESSAGE`. */
export class MessageError extends DisruptorError {
  constructor(what: string) {
    super('DX_MESSAGE', `a message cannot hold ${what}; it holds plain objects, arrays, Maps, Sets, byte arrays and primitive values`, {
      what,
    })
  }
}

/** Deeper nesting than this is taken for a circle. */
const MOST_DEPTH = 100

/**
 * A copy that shares nothing with the original, as if it had gone over a wire. Much faster than `structuredClone`, for plain data.
 *
 * @throws {MessageError} functions, symbols, instances of classes, circles
 */
export function cloneMessage<T>(message: T): T {
  return clone(message, 0) as T
}

function clone(value: unknown, depth: number): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new MessageError(`a ${typeof value}`)
  if (typeof value !== 'object' || value === null) return value
  if (depth > MOST_DEPTH) throw new MessageError('a circle')
  if (value instanceof Uint8Array) return value.slice()
  if (Array.isArray(value)) return value.map(item => clone(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return cloneFields(value as Record<string, unknown>, depth)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [clone(key, depth + 1), clone(item, depth + 1)]))
  if (value instanceof Set) return new Set([...value].map(item => clone(item, depth + 1)))
  throw new MessageError(`an instance of ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`)
}

function cloneFields(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const key in value) copy[key] = clone(value[key], depth + 1)
  return copy
}

/** Characters of a message that a trace shows. */
const MOST_SHOWN = 120

/** A message in short, for a trace. */
export function describeMessage(message: unknown): string {
  const text = JSON.stringify(message, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return `${value.length} bytes`
    if (value instanceof Map || value instanceof Set) return [...value]
    return typeof value === 'bigint' ? `${value}n` : value
  })
  return text === undefined ? 'undefined' : text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text
}
