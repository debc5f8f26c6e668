import type { Files } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'

/** What the disk is doing for the journal. */
export type DiskState = 'idle' | 'writing' | 'syncing'

/** One write or one sync at a time, without allocating. */
export class DiskWrite {
  readonly #files: Files
  readonly #call = new FileCall()
  #state: DiskState = 'idle'

  constructor(files: Files) {
    this.#files = files
  }

  get state(): DiskState {
    return this.#state
  }

  /** Starts writing bytes. They must stay as they are until it is done. */
  write(handle: number, buffer: Uint8Array, length: number, position: number): void {
    const call = this.#call
    call.operation = 'write'
    call.handle = handle
    call.buffer = buffer
    call.offset = 0
    call.length = length
    call.position = position
    this.#state = 'writing'
    this.#files.submit(call)
  }

  sync(handle: number): void {
    const call = this.#call
    call.operation = 'datasync'
    call.handle = handle
    this.#state = 'syncing'
    this.#files.submit(call)
  }

  /** Whether what was started is done; the rest of a short write is handed over on the way. @throws the file system's error */
  finished(): boolean {
    const call = this.#call
    for (;;) {
      if (call.state === 'pending') this.#files.poll()
      if (call.state === 'pending') return false
      if (call.state === 'failed') throw call.error
      if (this.#state !== 'writing' || call.result === call.length) break
      if (call.result === 0) throw Object.assign(new Error('EIO: the disk took no byte of a write'), { code: 'EIO' })
      call.offset += call.result
      call.position += call.result
      call.length -= call.result
      this.#files.submit(call)
    }
    this.#state = 'idle'
    return true
  }
}
