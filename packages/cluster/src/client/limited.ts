import { AbortedError, OptionError, type Scheduler, TimeoutError } from '@disruptorx/contracts'

/** How long something may wait. */
export interface WaitOptions {
  /** Ends the wait: it rejects with DX_ABORTED. */
  readonly signal?: AbortSignal | undefined
  /** The longest wait in milliseconds, from 0: then it rejects with DX_TIMEOUT. @default Infinity */
  readonly timeoutMs?: number | undefined
}

/** Checks a time limit before anything is begun. @throws {OptionError} */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
}

/** A promise that also ends with its signal or its time limit. @throws {AbortedError | TimeoutError} or what the promise rejects with */
export async function limited<T>(
  what: string,
  promise: Promise<T>,
  { signal, timeoutMs = Infinity }: WaitOptions,
  scheduler: Scheduler,
): Promise<T> {
  if (signal === undefined && timeoutMs === Infinity) return await promise
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new AbortedError(what, signal?.reason))
  const cancel = timeoutMs === Infinity ? undefined : scheduler.schedule(timeoutMs, () => reject(new TimeoutError(what, timeoutMs)))
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, limit])
  } finally {
    cancel?.()
    signal?.removeEventListener('abort', onAbort)
  }
}
