const LONG_MS = 2 ** 31 - 1

/** Keeps the process alive until the result is called. */
export function keepAlive(): () => void {
  const timer = setInterval(() => undefined, LONG_MS)
  return () => clearInterval(timer)
}
