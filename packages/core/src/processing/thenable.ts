/** Whether a value has to be waited for. Reading its `then` may throw, where that is a getter. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' && typeof value !== 'function') return false
  return value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Sees to it that the rejection of a promise that nobody will wait for is not an unhandled one. */
export async function ignoreOutcome(promise: PromiseLike<unknown>): Promise<void> {
  try {
    await promise
  } catch {
    // Whoever calls this reports something that matters more.
  }
}
