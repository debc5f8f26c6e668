/** Something that is due at a moment. */
export interface Timer {
  readonly dueNs: number
  readonly task: () => void
  /** Its place in the queue; -1 when it is not in it. */
  at: number
}

/** Timers by the moment at which they are due: a binary heap. Timers of one moment go off in any order. */
export class TimerQueue {
  readonly #heap: Timer[] = []

  /** When the next timer is due, in nanoseconds; Infinity without any. */
  get nextNs(): number {
    return this.#heap[0]?.dueNs ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#heap.length
  }

  add(dueNs: number, task: () => void): Timer {
    const timer: Timer = { dueNs, task, at: this.#heap.length }
    this.#heap.push(timer)
    this.#up(timer)
    return timer
  }

  /** Takes a timer out. Without effect on one that is not in it any more. */
  remove(timer: Timer): void {
    const { at } = timer
    if (at < 0) return
    timer.at = -1
    const last = this.#heap.pop()
    if (last === undefined || last === timer) return
    this.#put(last, at)
    this.#up(last)
    this.#down(last)
  }

  /** Lets everything happen that is due by `nowNs`; what is set meanwhile waits for the next call. */
  fire(nowNs: number): void {
    for (let left = this.#heap.length; left > 0 && this.nextNs <= nowNs; left--) {
      const timer = this.#heap[0] as Timer
      this.remove(timer)
      timer.task()
    }
  }

  #put(timer: Timer, at: number): void {
    this.#heap[at] = timer
    timer.at = at
  }

  #up(timer: Timer): void {
    while (timer.at > 0) {
      const parent = this.#heap[(timer.at - 1) >> 1] as Timer
      if (parent.dueNs <= timer.dueNs) return
      this.#swap(parent, timer)
    }
  }

  #down(timer: Timer): void {
    for (;;) {
      const left = this.#heap[timer.at * 2 + 1]
      const right = this.#heap[timer.at * 2 + 2]
      const least = left !== undefined && right !== undefined && right.dueNs < left.dueNs ? right : left
      if (least === undefined || least.dueNs >= timer.dueNs) return
      this.#swap(timer, least)
    }
  }

  #swap(above: Timer, below: Timer): void {
    const { at } = above
    this.#put(above, below.at)
    this.#put(below, at)
  }
}
