import type { Pipe, PipeUser, Scheduler } from '@disruptorx/contracts'

/** One end of a pipe within a process. */
export class MemoryPipe implements Pipe {
  readonly remoteAddress = 'memory'
  readonly certificateNames = undefined
  readonly binding = undefined
  readonly #scheduler: Scheduler
  #other: MemoryPipe | undefined
  #user: PipeUser | undefined
  /** What the other end has written and this end has not taken. */
  #arriving: Uint8Array | undefined
  #isPaused = false
  #state: 'open' | 'ending' | 'gone' = 'open'

  private constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Two ends of one pipe. */
  static pair(scheduler: Scheduler): [MemoryPipe, MemoryPipe] {
    const [a, b] = [new MemoryPipe(scheduler), new MemoryPipe(scheduler)]
    a.#other = b
    b.#other = a
    return [a, b]
  }

  open(user: PipeUser): void {
    this.#user = user
    this.#soon()
  }

  write(bytes: Uint8Array): void {
    const other = this.#other
    if (other === undefined || this.#state !== 'open') return
    other.#arriving = bytes
    other.#soon()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#soon()
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    const other = this.#other
    if (other !== undefined) other.#soon()
  }

  destroy(): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    const other = this.#other
    if (other !== undefined) this.#scheduler.schedule(0, () => other.#leave(new Error('the other end has broken the connection')))
  }

  #soon(): void {
    this.#scheduler.schedule(0, () => this.#take())
  }

  /** Takes what has arrived; then, if the other end wants that, the end. */
  #take(): void {
    const user = this.#user
    const other = this.#other
    if (user === undefined || other === undefined || this.#state === 'gone' || this.#isPaused) return
    const bytes = this.#arriving
    if (bytes !== undefined) {
      this.#arriving = undefined
      user.received(bytes)
      other.#written()
    }
    if (other.#state === 'ending' && this.#arriving === undefined) {
      this.#leave(undefined)
      other.#leave(undefined)
    }
  }

  #written(): void {
    if (this.#state !== 'gone') this.#user?.written()
  }

  #leave(error: Error | undefined): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.#user?.closed(error)
  }
}
