/**
 * Lets an event loop do everything else that is due, then goes on. Keeps a Node process alive meanwhile.
 */
export const nextTurn: () => Promise<void> =
  'setImmediate' in globalThis ? () => new Promise(resolve => setImmediate(resolve)) : () => new Promise(resolve => setTimeout(resolve, 0))

/** Calls `task` once after `delayMs`; the result cancels that. Keeps a Node process alive meanwhile. */
export function later(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs)
  return () => clearTimeout(timer)
}

/** The longest delay that a timer can have. */
const LONGEST_MS = 2 ** 31 - 1

/** Keeps a Node process alive until the result is called: a pending `Atomics.waitAsync` alone does not. */
export function holdOpen(): () => void {
  const timer = setInterval(() => {}, LONGEST_MS)
  return () => clearInterval(timer)
}
