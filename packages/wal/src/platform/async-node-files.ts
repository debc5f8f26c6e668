import { close, fstat, open, read, readdir } from 'node:fs'
import type { FileRequest } from '@disruptorx/contracts'
import { DisruptorError } from '@disruptorx/contracts'
import type { AsyncFiles } from '../segments/async-files.ts'

type SystemError = NodeJS.ErrnoException

type Done = (error: SystemError | null, result?: number) => void

/**
 * The file system of this machine for an event loop: requests complete in a `poll` after the system's answer came. Reads only; nothing here
 * waits for the disk.
 */
export class AsyncNodeFiles implements AsyncFiles {
  #answers: (() => void)[] = []
  #waiting: (() => void)[] = []

  submit(request: FileRequest): void {
    request.state = 'pending'
    request.error = undefined
    this.begin(request, (error, result = 0) => this.#answer(request, error, result))
  }

  /** Begins a request: `done` is called once, later or at once. */
  protected begin(request: FileRequest, done: Done): void {
    if (request.operation === 'open') open(request.path, 'r', done)
    else if (request.operation === 'read') read(request.handle, request.buffer, request.offset, request.length, request.position, done)
    else if (request.operation === 'size') fstat(request.handle, (error, stats) => done(error, stats?.size))
    else if (request.operation === 'close') close(request.handle, error => done(error))
    else if (request.operation === 'list') this.#list(request, done)
    else done(new DisruptorError('DX_READ_ONLY', `files that are only read cannot ${request.operation}`))
  }

  poll(): void {
    const answers = this.#answers
    this.#answers = []
    for (const answer of answers) answer()
  }

  answered(): Promise<void> {
    if (this.#answers.length > 0) return Promise.resolve()
    return new Promise(resolve => void this.#waiting.push(resolve))
  }

  #list(request: FileRequest, done: Done): void {
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
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
