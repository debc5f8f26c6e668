import type { FileRequest, Files } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'
import type { SeededRandom } from '@disruptorx/testkit'
import type { Syncer } from '../../src/platform/sync-thread.ts'

/** The number of EIO. */
const EIO = -5

/** The thread for syncs of a simulated disk: each write and each sync takes effect at some later look at it, as the seed decides. */
export class SimulatedSyncer implements Syncer {
  readonly #files: Files
  readonly #random: SeededRandom
  #bytes: Uint8Array = new Uint8Array(0)
  #asked: Pick<FileRequest, 'handle' | 'offset' | 'length' | 'position'> | undefined
  #hasWritten = false
  ready = false
  written = 0
  /** Requests that came while another one was under way: there must be none. */
  doubled = 0
  /** Requests that were answered, and how many of them were writes. */
  answered = 0
  writes = 0

  constructor(files: Files, random: SeededRandom) {
    this.#files = files
    this.#random = random
  }

  start(memory: SharedArrayBuffer): void {
    if (!this.ready) this.#bytes = new Uint8Array(memory)
    this.ready = true
  }

  submit(handle: number, offset: number, length: number, position: number): void {
    if (this.#asked !== undefined) this.doubled++
    this.#asked = { handle, offset, length, position }
    this.#hasWritten = false
    this.written = 0
  }

  takeAnswer(): number | undefined {
    if (this.#asked === undefined || this.#random.chance(0.7)) return undefined
    const { length } = this.#asked
    if (length > 0 && !this.#hasWritten) {
      const write = this.#perform('write')
      if (write.state === 'failed') return this.#answer(EIO)
      this.#hasWritten = true
      this.written = write.result
      return this.written < length ? this.#answer(0) : undefined
    }
    return this.#answer(this.#perform('datasync').state === 'done' ? 0 : EIO)
  }

  awaitAnswer(): boolean {
    return true
  }

  close(): void {
    this.ready = false
  }

  #perform(operation: 'write' | 'datasync'): FileCall {
    const call = Object.assign(new FileCall(), { ...this.#asked, operation, buffer: this.#bytes })
    this.#files.submit(call)
    return call
  }

  #answer(outcome: number): number {
    if ((this.#asked?.length ?? 0) > 0) this.writes++
    this.#asked = undefined
    this.answered++
    return outcome
  }
}
