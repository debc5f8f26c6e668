import { DisruptorError } from '@disruptorx/contracts'

/** A value as a message shows it: short, and safe for whatever was passed. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 64 ? `'${value.slice(0, 64)}...'` : `'${value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `a list of ${value.length}`
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

/** Bytes are no record of a layout, or hold what no field can: damaged, or written by somebody else. Code `DX_RECORD`. */
export class RecordError extends DisruptorError {
  constructor(what: string, problem: string) {
    super('DX_RECORD', `${what} ${problem}; the bytes were not written by this layout, or are damaged`, { what, problem })
  }
}

/** Two layouts cannot read each other's records. Code `DX_LAYOUT_MISMATCH`; the message shows both, side by side. */
export class LayoutMismatchError extends DisruptorError {
  constructor(problem: string, table: string, ours: string, theirs: string) {
    super(
      'DX_LAYOUT_MISMATCH',
      `the layouts cannot read each other: ${problem}\n${table}\nadd fields at the end, under a higher version, and change nothing else`,
      { problem, ours, theirs },
    )
  }
}

/** An event was used after its time: it is valid only until the view moves on. Code `DX_LATE_ACCESS`. */
export class LateAccessError extends DisruptorError {
  constructor(property: string) {
    super('DX_LATE_ACCESS', `${property} of an event was used too late: the view lies elsewhere by now; keep an event with copy()`, {
      property,
    })
  }
}
