/** Something that lives in a simulation and for which events happen: a process that may be paused, or gone. */
export interface EventOwner {
  /** `running`: its events happen. `paused`: they are handed to {@link defer}. `gone`: they never happen. */
  readonly state: 'running' | 'paused' | 'gone'
  /** Keeps an event until its owner goes on. */
  defer(event: SimulatedEvent): void
}

/** Something that happens at a moment of virtual time. */
export class SimulatedEvent {
  /** Moment, in nanoseconds since the simulation began. */
  readonly atNs: number
  /** Order among events of one moment: that of their scheduling. */
  readonly sequence: number
  readonly task: () => void
  readonly owner: EventOwner | undefined
  /** It shall not happen. */
  cancelled = false
  /** It was taken out of the queue. */
  taken = false

  constructor(atNs: number, sequence: number, task: () => void, owner: EventOwner | undefined) {
    this.atNs = atNs
    this.sequence = sequence
    this.task = task
    this.owner = owner
  }
}

/** Fewer cancelled events than this are left in the queue until their time comes. */
const CANCELLED_KEPT = 256

/** Events in the order of (moment, sequence): a binary heap. */
export class EventQueue {
  #heap: SimulatedEvent[] = []
  #cancelled = 0

  /** Events that wait, cancelled ones that are still in memory included. */
  get size(): number {
    return this.#heap.length
  }

  // Hot: benchmark `simulation/kernel`.
  push(event: SimulatedEvent): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as SimulatedEvent
      if (!isBefore(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  /** The next event; cancelled ones are thrown away on the way. */
  peek(): SimulatedEvent | undefined {
    let first = this.#heap[0]
    while (first?.cancelled) {
      this.#removeFirst()
      this.#cancelled--
      first = this.#heap[0]
    }
    return first
  }

  /** Takes out what {@link peek} returned. */
  take(event: SimulatedEvent): void {
    event.taken = true
    this.#removeFirst()
  }

  /** Safe to call twice, and for events that happened. */
  cancel(event: SimulatedEvent): void {
    if (event.cancelled) return
    event.cancelled = true
    if (event.taken) return
    this.#cancelled++
    if (this.#cancelled > CANCELLED_KEPT && this.#cancelled > this.#heap.length / 2) this.#compact()
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    const length = heap.length
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && isBefore(heap[child + 1] as SimulatedEvent, heap[child] as SimulatedEvent)) child++
      const below = heap[child] as SimulatedEvent
      if (!isBefore(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }

  #compact(): void {
    const living = this.#heap.filter(event => !event.cancelled)
    this.#cancelled = 0
    // Events are told apart by (moment, sequence), so that the order of a heap built anew is the same.
    this.#heap = []
    for (const event of living) this.push(event)
  }
}

function isBefore(a: SimulatedEvent, b: SimulatedEvent): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.sequence < b.sequence)
}
