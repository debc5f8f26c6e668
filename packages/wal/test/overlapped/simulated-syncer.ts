import type { Files } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'
import type { SeededRandom } from '@disruptorx/testkit'
import type { Syncer } from '../../src/platform/sync-thread.ts'

/** The number of EIO. */
const EIO = -5

/** The thread for syncs of a simulated disk: each sync takes effect at some later look at it, as the seed decides. */
export class SimulatedSyncer implements Syncer {
  readonly #files: Files
  readonly #random: SeededRandom
  #handle: number | undefined
  ready = false
  /** Syncs that were asked for while another one was under way: there must be none. */
  doubled = 0
  /** Syncs that were answered. */
  answered = 0

  constructor(files: Files, random: SeededRandom) {
    this.#files = files
    this.#random = random
  }

  start(): void {
    this.ready = true
  }

  rouse(): void {}

  submit(handle: number): void {
    if (this.#handle !== undefined) this.doubled++
    this.#handle = handle
  }

  takeAnswer(): number | undefined {
    if (this.#handle === undefined || this.#random.chance(0.7)) return undefined
    const call = Object.assign(new FileCall(), { operation: 'datasync', handle: this.#handle })
    this.#files.submit(call)
    this.#handle = undefined
    this.answered++
    return call.state === 'done' ? 0 : EIO
  }

  awaitAnswer(): boolean {
    return true
  }

  close(): void {
    this.ready = false
  }
}
