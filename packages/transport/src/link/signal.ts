import { AbortedError } from '@disruptorx/contracts'

/** Has `aborted` called when a signal is; at once if it was. The result ends that. */
export function onAbort(signal: AbortSignal | undefined, what: string, aborted: (error: AbortedError) => void): () => void {
  if (signal === undefined) return () => undefined
  const tell = () => aborted(new AbortedError(what, signal.reason))
  if (signal.aborted) tell()
  else signal.addEventListener('abort', tell, { once: true })
  return () => signal.removeEventListener('abort', tell)
}
