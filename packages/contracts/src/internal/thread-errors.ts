import { DisruptorError, type ErrorDetails, isDisruptorError } from '../errors.ts'

/** An error as plain data: how it crosses a thread. */
export interface ErrorData {
  readonly code: string
  readonly name: string
  readonly message: string
  readonly details: ErrorDetails
  readonly stack: string | undefined
}

/** Turns anything thrown into data that survives a structured clone. */
export function errorToData(thrown: unknown): ErrorData {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const known = isDisruptorError(error)
  const code = known ? error.code : ((error as { code?: unknown }).code ?? 'DX_UNEXPECTED')
  return {
    code: String(code),
    name: error.name,
    message: error.message,
    details: known ? error.details : {},
    stack: error.stack,
  }
}

type ErrorClass = { readonly prototype: DisruptorError }

/**
 * Rebuilds an error on this side of a thread. `classes` maps codes to classes, so that it is again an instance of its own class;
 * an unknown code becomes a plain {@link DisruptorError} with that code.
 */
export function errorFromData(data: ErrorData, classes: Readonly<Record<string, ErrorClass>> = {}): DisruptorError {
  const error = new DisruptorError(data.code, data.message, data.details)
  const known = classes[data.code]
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype)
  error.name = data.name
  if (data.stack !== undefined) error.stack = data.stack
  return error
}
