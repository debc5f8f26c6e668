import { close, fstat, open, read, readdir } from 'node:fs'
import type { FileRequest, Files } from '@disruptorx/contracts'
import { DisruptorError } from '@disruptorx/contracts'

type SystemError = NodeJS.ErrnoException

/**
 * The file system of this machine for an event loop: requests complete in a `poll` after the system's answer came. Reads only; nothing here
 * waits for the disk.
 */
export class AsyncNodeFiles implements Files {
  #answers: (() => void)[] = []
  #waiting: (() => void) | undefined

  submit(request: FileRequest): void {
    request.state = 'pending'
    request.error = undefined
    const done = (error: SystemError | null, result = 0) => this.#answer(request, error, result)
    if (request.operation === 'open') open(request.path, 'r', done)
    else if (request.operation === 'read') read(request.handle, request.buffer, request.offset, request.length, request.position, done)
    else if (request.operation === 'size') fstat(request.handle, (error, stats) => done(error, stats?.size))
    else if (request.operation === 'close') close(request.handle, error => done(error ?? null))
    else if (request.operation === 'list') this.#list(request, done)
    else done(new DisruptorError('DX_READ_ONLY', `files that are only read cannot ${request.operation}`))
  }

  poll(): void {
    const answers = this.#answers
    this.#answers = []
    for (const answer of answers) answer()
  }

  /** Resolves when a poll would complete something. For one waiter at a time. */
  answered(): Promise<void> {
    if (this.#answers.length > 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#waiting = resolve
    })
  }

  #list(request: FileRequest, done: (error: SystemError | null, result: number) => void): void {
    readdir(request.path, (error, names) => {
      request.names = error === null ? names.sort() : []
      done(error, request.names.length)
    })
  }

  #answer(request: FileRequest, error: SystemError | null, result: number): void {
    this.#answers.push(() => {
      request.result = result
      request.error = (error as FileRequest['error']) ?? undefined
      request.state = error === null ? 'done' : 'failed'
    })
    this.#waiting?.()
    this.#waiting = undefined
  }
}
