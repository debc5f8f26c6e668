import { OptionError } from '@disruptorx/contracts'
import type { SpareQueue } from './spare-queue.ts'
import type { SpareSegments } from './spare-segments.ts'

/** Longer than a disk that still works takes for what the preparer does at a time. */
const STOP_MS = 10_000

/** The journal's side of spare segments that another thread prepares. */
export class SharedSpareSegments implements SpareSegments {
  readonly #queue: SpareQueue

  constructor(queue: SpareQueue) {
    this.#queue = queue
  }

  checkFor(dir: string, segmentBytes: number): void {
    const { handle } = this.#queue
    if (handle.dir !== dir) throw new OptionError('spares', handle.dir, `spare segments for ${dir}`)
    if (handle.segmentBytes !== segmentBytes)
      throw new OptionError('spares', handle.segmentBytes, `spare segments of ${segmentBytes} bytes`)
  }

  start(): void {
    this.#queue.start()
  }

  take(): number | undefined {
    return this.#queue.take()
  }

  retire(segment: number): void {
    this.#queue.retire(segment)
  }

  get retiring(): number {
    return this.#queue.retiring
  }

  get overdue(): number {
    return this.#queue.overdue
  }

  retired(segment: number): void {
    this.#queue.retired(segment)
  }

  get ready(): number {
    return this.#queue.ready
  }

  stop(): void {
    this.#queue.stop(STOP_MS)
  }
}
