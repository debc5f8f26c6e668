import { threadId } from 'node:worker_threads'
import type { EventHandler, WaitStrategy } from '@disruptorx/contracts'
import type { ReadonlyView } from '@disruptorx/core'
import type { WorkerContext } from '@disruptorx/core/threads'
import type { Ticket } from '../support.ts'

type Handler = EventHandler<ReadonlyView<Ticket>>

/** Word 0 counts events, word 1 is the thread, word 2 counts starts, word 3 ends, word 4 time-outs, word 5 errors that were passed over. */
export class Counting implements Handler {
  readonly words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory)
  }

  onStart(): void {
    Atomics.store(this.words, 1, threadId)
    Atomics.add(this.words, 2, 1)
  }

  onEvent(): void {
    Atomics.add(this.words, 0, 1)
  }

  onShutdown(): void {
    Atomics.add(this.words, 3, 1)
  }

  onTimeout(): void {
    Atomics.add(this.words, 4, 1)
    Atomics.notify(this.words, 4)
  }
}

/** Fails in the hook of that name, each time. */
export function failingIn(hook: string): Handler {
  const fail = () => {
    throw new RangeError(`broken in ${hook}`)
  }
  return { onEvent() {}, [hook]: fail }
}

/** Waits for a timer at each event, which only an event loop lets go off. */
export function patient(memory: SharedArrayBuffer): Handler {
  const words = new Int32Array(memory)
  return {
    async onEvent(event) {
      const before = event.number
      await new Promise(resolve => setTimeout(resolve, 1))
      if (event.number !== before) throw new Error('the event changed meanwhile')
      Atomics.add(words, 0, 1)
    },
  }
}

/** Publishes an event for each one it sees, and waits for room. */
export function greedy(_argument: unknown, { ring }: WorkerContext): Handler {
  return { onEvent: () => ring.producer().next(ring.capacity) }
}

/** Fails at odd numbers. */
export const odd: Handler = {
  onEvent(event) {
    if (event.number % 2 === 1) throw new RangeError(`${event.number} is odd`)
  },
}

/** Passes over every event that fails. */
export const skipping = {
  handleEventException: () => 'skip',
  handleOnStartException() {},
  handleOnShutdownException() {},
}

export const five = 5
export const empty = () => ({})
export const both = { onEvent() {}, onBatch() {} }

export async function failingFactory(): Promise<never> {
  throw new RangeError('no such customer')
}

/** A wait strategy that says that it was here, and lets its caller look again. */
export function telling(memory: SharedArrayBuffer): WaitStrategy {
  return {
    waitFor(_sequence, source) {
      Atomics.store(new Int32Array(memory), 8, threadId)
      return source.available()
    },
  }
}

/** Keeps its worker alive with a timer that nobody stops. */
export const leaving: Handler = {
  onStart: () => void setInterval(() => {}, 1000),
  onEvent() {},
}

/** Word 0 counts starts, word 1 ends, word 2 is the next event's number: so none is missed and none comes twice, over all restarts. */
export function sequential(memory: SharedArrayBuffer): Handler {
  const words = new Int32Array(memory)
  return {
    onStart: () => void Atomics.add(words, 0, 1),
    onEvent(event) {
      const due = Atomics.add(words, 2, 1)
      if (event.number !== due) throw new Error(`event ${event.number} came where ${due} was due`)
    },
    onShutdown: () => void Atomics.add(words, 1, 1),
  }
}

/** Word 0 is the next event's number. Events may come again after their thread was killed, and none may be missed. */
export function atLeastOnce(memory: SharedArrayBuffer): Handler {
  const words = new Int32Array(memory)
  return {
    onEvent(event) {
      const due = Atomics.load(words, 0)
      if (event.number > due) throw new Error(`event ${event.number} came where ${due} was due`)
      if (event.number === due) Atomics.store(words, 0, due + 1)
    },
  }
}

/** Counts in a word for each event how often it came, and takes its time. */
export function tallying(memory: SharedArrayBuffer): Handler {
  const words = new Int32Array(memory)
  return {
    onEvent(event) {
      Atomics.add(words, event.number, 1)
      Atomics.wait(words, event.number, Atomics.load(words, event.number), 0.05)
    },
  }
}

/** Keeps each event, and looks at it again when it is called the next time: with the next event, or because there is none. */
export function keeping(memory: SharedArrayBuffer): Handler {
  const words = new Int32Array(memory)
  let kept: { readonly number: number } | undefined
  const look = () => {
    if (kept !== undefined) Atomics.store(words, 0, kept.number + 1)
  }
  return {
    onEvent(event) {
      look()
      kept = event
    },
    onTimeout: look,
  }
}
