import type { Scheduler } from '@disruptorx/contracts'

/** Timers of any event loop. What is due at once comes after what runs now, as pages hold timers up. */
export const eventLoopScheduler: Scheduler = {
  schedule(delayMs, task) {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isCancelled = false
    if (delayMs > 0) timer = setTimeout(task, delayMs)
    else queueMicrotask(() => isCancelled || task())
    return () => {
      isCancelled = true
      clearTimeout(timer)
    }
  },
}
