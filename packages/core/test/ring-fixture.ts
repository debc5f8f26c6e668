import type { Consumer, Producer, StructRing } from '@disruptorx/core'
import { LINE_WORDS } from '../src/memory/cells.ts'
import {
  PRODUCER_DEAD,
  PRODUCER_OWNER,
  PRODUCER_PHASE,
  PRODUCER_STATE,
  type RingOffsets,
  ringOffsets,
} from '../src/sequencer/sequencer-descriptor.ts'
import { damageOf, type Ticket, ticketOf } from './support.ts'

type Ring = StructRing<Ticket>
type AnyRing = Pick<Ring, 'handle' | 'memory'>

/** Writes events with these numbers into claimed slots that end with `highest`. */
export function write(ring: Ring, highest: number, numbers: readonly number[], producer = 1): void {
  let sequence = highest - numbers.length + 1
  for (const number of numbers) ring.get(sequence++).set(ticketOf(number, producer))
}

/** Claims, writes and publishes one event. */
export function send(ring: Ring, side: Producer, number: number, producer = 1): number {
  const sequence = side.tryNext()
  if (sequence < 0) throw new Error(`no room for event ${number}`)
  write(ring, sequence, [number], producer)
  side.publish(sequence)
  return sequence
}

/** Reads everything there is, batch by batch, and releases it: the numbers of the events. Throws at one that is not whole. */
export function drain(ring: Ring, consumer: Consumer): number[] {
  const numbers: number[] = []
  for (;;) {
    const last = consumer.available()
    if (last < consumer.next) return numbers
    for (let sequence = consumer.next; sequence <= last; sequence++) {
      const event = ring.get(sequence)
      const damage = damageOf(event, event.number)
      if (damage !== undefined) throw new Error(damage)
      numbers.push(event.number)
    }
    consumer.advance(last)
  }
}

/** Where everything of a ring is. */
export function offsetsOf({ handle }: AnyRing): RingOffsets {
  return ringOffsets({ ...handle, multi: handle.producers === 'multi' })
}

/** Gives the side that was the `index`th to be taken to another thread, which can then be reclaimed. */
export function hand(ring: Ring, index: number, thread: number): void {
  Atomics.store(new Int32Array(ring.memory), offsetsOf(ring).producers + index * LINE_WORDS + PRODUCER_OWNER, thread)
}

/** How many places are held by producers that died. */
export function deadProducers(ring: AnyRing): number {
  const words = new Int32Array(ring.memory)
  const { producers } = offsetsOf(ring)
  const lines = Array.from({ length: ring.handle.maxProducers }, (_, index) => producers + index * LINE_WORDS)
  return lines.filter(line => ((words[line + PRODUCER_STATE] as number) & PRODUCER_PHASE) === PRODUCER_DEAD).length
}

type AtomicsName = 'load' | 'store' | 'compareExchange' | 'exchange' | 'add' | 'sub'

/**
 * Runs `action` on this thread with `before` called ahead of each of its atomic operations on shared memory, counted from 0. What `before` does
 * itself, and throws, is as if another thread did it there, or this one died there. Returns how many operations there were.
 */
export function atEachAtomic(action: () => void, before: (operation: number) => void): number {
  const names: readonly AtomicsName[] = ['load', 'store', 'compareExchange', 'exchange', 'add', 'sub']
  const original = globalThis.Atomics
  const wrapped = Object.create(original) as Record<string, unknown>
  let operations = 0
  for (const name of names) {
    wrapped[name] = (...args: unknown[]) => {
      globalThis.Atomics = original
      try {
        before(operations++)
      } finally {
        globalThis.Atomics = wrapped as unknown as Atomics
      }
      return Reflect.apply(original[name] as (...args: unknown[]) => unknown, original, args)
    }
  }
  globalThis.Atomics = wrapped as unknown as Atomics
  try {
    action()
  } finally {
    globalThis.Atomics = original
  }
  return operations
}

/** What {@link atEachAtomic} lets a thread die of. */
export class Death extends Error {}

/** Runs `action` and lets its thread die before one of its atomic operations. Whether it came to that. */
export function dieAt(operation: number, action: () => void): boolean {
  try {
    // Once dead, dead: also where the way out passes other operations.
    atEachAtomic(action, reached => {
      if (reached >= operation) throw new Death()
    })
    return false
  } catch (error) {
    if (error instanceof Death) return true
    throw error
  }
}

/** Runs an action with something else before one of its atomic operations. Whether it has so many. */
type Step = (action: () => void, interrupt: () => void) => boolean

/** Runs `round` once for each atomic operation of the action that it hands to `step`: each time what it interrupts that with comes before another. */
export function atEveryStep(round: (step: Step) => void): void {
  let reached = true
  for (let operation = 0; reached; operation++) {
    reached = false
    round((action, interrupt) => {
      atEachAtomic(action, now => {
        if (now !== operation) return
        reached = true
        interrupt()
      })
      return reached
    })
  }
}
