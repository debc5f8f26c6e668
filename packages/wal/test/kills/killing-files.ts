import type { FileRequest, Files } from '@disruptorx/contracts'

/** When a process kills itself: before a request, after it, or when so much of what it writes is written, from 0 to 1. */
export type Moment = 'before' | 'after' | number

/** Files of a process that kills itself at one request. */
export class KillingFiles implements Files {
  readonly #files: Files
  readonly #at: number
  readonly #moment: Moment
  #count = 0

  /** @param at the number of the request, counted from 1; the next write for a moment within one; 0 for none */
  constructor(files: Files, at: number, moment: Moment) {
    this.#files = files
    this.#at = at
    this.#moment = moment
  }

  submit(request: FileRequest): void {
    const isDue = this.#at > 0 && ++this.#count >= this.#at
    const last = isDue && (typeof this.#moment === 'string' || request.operation === 'write')
    if (last && this.#moment === 'before') die()
    if (last && typeof this.#moment === 'number') request.length = Math.max(1, Math.floor(request.length * this.#moment))
    this.#files.submit(request)
    if (last) die()
  }

  poll(): void {
    this.#files.poll()
  }
}

/** Ends this process at once, as kill -9 does. */
export function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('a process that was killed went on')
}
