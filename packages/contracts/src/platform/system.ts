import { platformMonotonicNs } from '#platform'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicNs: platformMonotonicNs,
}

const word = new Uint32Array(1)

/** The machine's own source of chance: fit for names that must not collide. */
export const systemRandom: Random = {
  u32: () => crypto.getRandomValues(word)[0] as number,
}
