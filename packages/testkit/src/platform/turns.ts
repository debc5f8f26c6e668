import { setImmediate } from 'node:timers'

/** Resolves when every promise that could settle without outside help has done so, and everything that follows from it. */
export function microtasksDrained(): Promise<void> {
  // Node runs a tick only when no microtask is left, those included that microtasks made.
  return new Promise(resolve => process.nextTick(resolve))
}

/** Resolves after this process's timers, messages and signals had their turn. */
export function eventLoopTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
