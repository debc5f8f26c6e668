import type { FileRequest, Files } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'
import { FastFiles } from '../fast-files.ts'

/** Files in memory that have only so much room together: beyond, writes are short, and then fail with `ENOSPC`. */
export class LimitedFiles implements Files {
  readonly #files: FastFiles
  readonly #capacityBytes: number

  /** @param freeBytes room there is beside `contents` */
  constructor(contents: ReadonlyMap<string, Uint8Array>, freeBytes: number) {
    this.#files = new FastFiles(contents)
    this.#capacityBytes = this.#usedBytes + freeBytes
  }

  get contents(): Map<string, Uint8Array> {
    return this.#files.contents
  }

  submit(request: FileRequest): void {
    const { operation, handle, position, length } = request
    const end = operation === 'write' ? position + length : operation === 'truncate' ? length : 0
    const more = end === 0 ? 0 : end - this.#sizeOf(handle)
    const free = this.#capacityBytes - this.#usedBytes
    const fits = operation === 'write' ? length - more + free : 0
    if (more <= 0 || more <= free) this.#files.submit(request)
    else if (fits > 0) this.#short(request, fits)
    else {
      request.error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      request.state = 'failed'
    }
  }

  poll(): void {}

  #short(request: FileRequest, length: number): void {
    const asked = request.length
    request.length = length
    this.#files.submit(request)
    request.length = asked
  }

  get #usedBytes(): number {
    return [...this.#files.contents.values()].reduce((sum, { length }) => sum + length, 0)
  }

  #sizeOf(handle: number): number {
    const call = Object.assign(new FileCall(), { operation: 'size', handle })
    this.#files.submit(call)
    return call.result
  }
}
