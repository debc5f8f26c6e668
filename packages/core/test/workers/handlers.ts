import { threadId } from 'node:worker_threads'
import type { EventHandler } from '@disruptorx/contracts'
import type { ReadonlyView } from '@disruptorx/core'
import { damageOf, type Ticket } from '../support.ts'

/** Words: events seen, thread id, 1 once it started, 2 once it was shut down. */
export function counter(memory: SharedArrayBuffer): EventHandler<ReadonlyView<Ticket>> {
  const words = new Int32Array(memory)
  const due: number[] = []
  return {
    onStart() {
      Atomics.store(words, 1, threadId)
      Atomics.store(words, 2, 1)
    },
    onEvent(event) {
      const damage = damageOf(event, due[event.producer] ?? 0)
      if (damage !== undefined) throw new Error(damage)
      due[event.producer] = event.number + 1
      Atomics.add(words, 0, 1)
    },
    onShutdown() {
      Atomics.store(words, 2, 2)
    },
  }
}

/** Throws at the event with this number. */
export async function thrower(number: number): Promise<EventHandler<ReadonlyView<Ticket>>> {
  return {
    onEvent(event) {
      if (event.number === number) throw new RangeError(`no seat ${number}`)
    },
  }
}

/** Ends its process at the first event. */
export const quitter: EventHandler<unknown> = {
  onEvent() {
    process.exit(3)
  },
}

/** Never comes back from its first event. Says by word 0 that it is there. */
export function stuck(memory: SharedArrayBuffer): EventHandler<unknown> {
  const words = new Int32Array(memory)
  return {
    onEvent() {
      Atomics.store(words, 0, 1)
      Atomics.wait(words, 1, 0)
    },
  }
}

/** Checks that a second stage never sees what the first has not dealt with: the first counts in word 0. */
export function follower(memory: SharedArrayBuffer): EventHandler<ReadonlyView<Ticket>> {
  const words = new Int32Array(memory)
  return {
    onEvent(_event, sequence) {
      if (Atomics.load(words, 0) <= sequence) throw new Error(`event ${sequence} came too early`)
      Atomics.add(words, 8, 1)
    },
  }
}

export const notAHandler = 5
