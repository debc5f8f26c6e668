import type { Scheduler } from '@disruptorx/contracts'

/** Timers of Node's event loop. What is due at once comes when everything that has arrived was dealt with. */
export const eventLoopScheduler: Scheduler = {
  schedule(delayMs, task) {
    if (delayMs <= 0) {
      const immediate = setImmediate(task)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}
