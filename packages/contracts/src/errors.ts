/** Marks every DisruptorX error across packages, copies and threads. */
export const errorBrand: unique symbol = Symbol.for('disruptorx.error') as never

/** The values behind an error: what a program reads where a person reads the message. Survives a structured clone. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * The base of every error that DisruptorX throws.
 *
 * `code` is stable between versions and is what programs compare; the message is for people and may change.
 * Recognise one with {@link isDisruptorError}, never with `instanceof`: two copies of a package have two classes.
 */
export class DisruptorError extends Error {
  /** Stable name of the fault, such as `DX_OPTION`. */
  readonly code: string
  /** The values that the message prints. */
  readonly details: ErrorDetails

  constructor(code: string, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.details = details
  }

  get [errorBrand](): true {
    return true
  }
}

/** Whether a value is an error of DisruptorX, whichever copy of a package made it; with a code, whether it is that error. */
export function isDisruptorError(value: unknown, code?: string): value is DisruptorError {
  if (typeof value !== 'object' || value === null || !(errorBrand in value)) return false
  return code === undefined || (value as DisruptorError).code === code
}

/** Never throws: there are objects that make no text of themselves. */
function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

/** An option has a value that it cannot have. Names the option, the value and what is allowed. */
export class OptionError extends DisruptorError {
  constructor(option: string, value: unknown, allowed: string) {
    const shown = typeof value === 'string' ? `'${value}'` : textOf(value)
    super('DX_OPTION', `option ${option} is ${shown}; it must be ${allowed}`, { option, value: shown, allowed })
  }
}

/** A wait or an operation was ended by its `AbortSignal`. `cause` is the signal's reason. */
export class AbortedError extends DisruptorError {
  constructor(what: string, reason?: unknown) {
    super('DX_ABORTED', `${what} was aborted by its signal`, { what }, { cause: reason })
  }
}

/** A wait reached its time limit. */
export class TimeoutError extends DisruptorError {
  constructor(what: string, timeoutMs: number) {
    super('DX_TIMEOUT', `${what} did not finish within ${timeoutMs} ms`, { what, timeoutMs })
  }
}

/** Something was used after it was closed. */
export class ClosedError extends DisruptorError {
  constructor(what: string) {
    super('DX_CLOSED', `${what} is closed; open a new one`, { what })
  }
}
