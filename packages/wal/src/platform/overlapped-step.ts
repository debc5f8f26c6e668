import type { Step } from '@disruptorx/contracts'
import { TimeoutError } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { HANGS_AFTER_MS, type OverlappedFiles } from './overlapped-files.ts'

/** How long the thread stays awake: a batch that is ready when the one before it is done should be on its way at once. */
const AWAKE_NS = 100_000
/** How long it sleeps at a time after that, in milliseconds: it wakes to see whether more was asked meanwhile. */
const LEAST_MS = 0.1
/** The same while the disk does not answer. */
const MOST_MS = 10

/** A step that takes requests. */
export interface RequestStep extends Step {
  /** Whether there are requests that were not taken yet. */
  readonly asked: boolean
}

/** Lets the thread of a step sleep while a sync is under way and there is nothing else to do. For a thread that may block. */
export class OverlappedStep implements Step {
  readonly #step: RequestStep
  readonly #files: Pick<OverlappedFiles, 'busy' | 'wait'>
  readonly #hangsAfterMs: number
  #sleepMs = LEAST_MS
  /** How long it has slept since the disk last answered. */
  #sleptMs = 0

  constructor(step: RequestStep, files: Pick<OverlappedFiles, 'busy' | 'wait'>, hangsAfterMs: number = HANGS_AFTER_MS) {
    this.#step = step
    this.#files = files
    this.#hangsAfterMs = hangsAfterMs
  }

  step(): number {
    const delayMs = this.#step.step()
    return delayMs === 0 || !this.#files.busy ? delayMs : this.#wait()
  }

  /** Does everything that was asked, up to the last request. @throws {TimeoutError} the disk hangs */
  drain(): void {
    while (this.#step.asked) {
      this.step()
      if (this.#sleptMs > this.#hangsAfterMs) throw new TimeoutError('a sync', this.#hangsAfterMs)
    }
  }

  #wait(): number {
    for (const endNs = systemClock.monotonicNs() + AWAKE_NS; systemClock.monotonicNs() < endNs; ) {
      const delayMs = this.#step.step()
      if (delayMs === 0 || !this.#files.busy) return delayMs
    }
    const answered = this.#files.wait(this.#sleepMs)
    this.#sleptMs = answered ? 0 : this.#sleptMs + this.#sleepMs
    this.#sleepMs = answered ? LEAST_MS : Math.min(2 * this.#sleepMs, MOST_MS)
    return 0
  }
}
