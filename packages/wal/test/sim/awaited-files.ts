import type { FileRequest, Files, Step } from '@disruptorx/contracts'
import type { AsyncFiles } from '../../src/segments/async-files.ts'

/** Files of a simulated process whose answers can be awaited: as a step of that process, it is called when its disk has answered something. */
export class AwaitedFiles implements AsyncFiles, Step {
  readonly #files: Files
  readonly #waiting: (() => void)[] = []

  constructor(files: Files) {
    this.#files = files
  }

  submit(request: FileRequest): void {
    this.#files.submit(request)
  }

  poll(): void {
    this.#files.poll()
  }

  answered(): Promise<void> {
    return new Promise(resolve => void this.#waiting.push(resolve))
  }

  step(): number {
    for (const resolve of this.#waiting.splice(0)) resolve()
    return Number.POSITIVE_INFINITY
  }
}

/** Files that complete inside `submit`: there is nothing to await. */
export function answeredFiles(files: Files): AsyncFiles {
  return { submit: request => files.submit(request), poll: () => files.poll(), answered: () => Promise.resolve() }
}
