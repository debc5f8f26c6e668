import { DisruptorError } from '@disruptorx/contracts'

/** A value as a message shows it: short, and safe for whatever was passed. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 64)}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** A field was given a value that its type cannot hold. Code `DX_FIELD`; nothing was written. */
export class FieldError extends DisruptorError {
  constructor(field: string, value: unknown, range: string) {
    const text = shown(value)
    super('DX_FIELD', `field ${field} is ${text}; it must be ${range}`, { field, value: text, range })
  }
}

/** A layout cannot be built from its spec, or cannot be laid over a buffer. Code `DX_LAYOUT`. */
export class LayoutError extends DisruptorError {
  constructor(what: string, value: unknown, allowed: string) {
    const text = shown(value)
    super('DX_LAYOUT', `${what} is ${text}; it must be ${allowed}`, { what, value: text, allowed })
  }
}
