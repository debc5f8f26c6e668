import type { Pipe, PipeUser, Scheduler } from '@disruptorx/contracts'

/** A pipe of which the test is the other end. */
export class FakePipe implements Pipe {
  readonly remoteAddress = 'test'
  readonly certificateNames = undefined
  readonly binding = undefined
  /** What was handed over, and not yet taken by {@link take}. */
  readonly writes: Uint8Array[] = []
  state: 'open' | 'ended' | 'destroyed' = 'open'
  isPaused = false
  user: PipeUser | undefined

  open(user: PipeUser): void {
    this.user = user
  }

  write(bytes: Uint8Array): void {
    if (this.writes.length > 0) throw new Error('a write begins while another is under way')
    this.writes.push(bytes)
  }

  /** The write that is under way is over. Returns a copy of it. */
  take(): Uint8Array {
    const bytes = this.writes.pop()
    if (bytes === undefined) throw new Error('nothing is being written')
    const copy = bytes.slice()
    this.user?.written()
    return copy
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  end(): void {
    this.state = 'ended'
  }

  destroy(): void {
    this.state = 'destroyed'
  }
}

/** Timers that go off when the test says so. */
export class FakeScheduler implements Scheduler {
  #tasks: { readonly delayMs: number; readonly task: () => void }[] = []

  /** The delays that were asked for and are neither over nor cancelled. */
  get delays(): number[] {
    return this.#tasks.map(({ delayMs }) => delayMs)
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { delayMs, task }
    this.#tasks.push(entry)
    return () => {
      this.#tasks = this.#tasks.filter(one => one !== entry)
    }
  }

  /** Lets everything go off that is due within so many milliseconds. */
  run(withinMs: number): void {
    const due = this.#tasks.filter(({ delayMs }) => delayMs <= withinMs)
    this.#tasks = this.#tasks.filter(({ delayMs }) => delayMs > withinMs)
    for (const { task } of due) task()
  }
}
