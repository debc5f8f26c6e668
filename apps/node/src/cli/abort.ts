import { isDisruptorError } from 'disruptorx/contracts'

/** Whether an error only says that this signal was aborted: the end of a wait, not a fault. */
export function isAbortOf(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false
  return error === signal.reason || isDisruptorError(error, 'DX_ABORTED') || (error instanceof Error && error.name === 'AbortError')
}
