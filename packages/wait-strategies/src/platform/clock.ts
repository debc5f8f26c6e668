import type { Clock } from '@disruptorx/contracts'

/** The clock behind time limits, where no other is given: the platform's own. Read only by waits with a finite limit. */
export const platformClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  monotonicNs: () => (performance.timeOrigin + performance.now()) * 1e6,
}
