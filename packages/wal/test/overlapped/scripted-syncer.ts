import type { Syncer } from '../../src/platform/sync-thread.ts'

/** In place of the thread for syncs: a test says what comes of each request. */
export class ScriptedSyncer implements Syncer {
  ready = false
  written = 0
  /** Where what it writes lies. */
  memory: SharedArrayBuffer | undefined
  /** What it was asked for last: handle, offset, length, position. */
  asked: readonly number[] | undefined
  #outcome: number | undefined

  start(memory: SharedArrayBuffer): void {
    this.ready ||= this.memory === undefined
    this.memory ??= memory
  }

  submit(handle: number, offset: number, length: number, position: number): void {
    if (this.asked !== undefined) throw new Error('something is under way')
    this.asked = [handle, offset, length, position]
  }

  /** Answers what it was asked. @param written all there was to write, if not given */
  answer(outcome = 0, written = this.asked?.[2] ?? 0): void {
    this.#outcome = outcome
    this.written = written
  }

  takeAnswer(): number | undefined {
    const outcome = this.#outcome
    this.#outcome = undefined
    if (outcome !== undefined) this.asked = undefined
    return outcome
  }

  awaitAnswer(): boolean {
    return this.#outcome !== undefined
  }

  close(): void {
    this.ready = false
  }
}
