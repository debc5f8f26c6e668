import type { EventHandler } from '@disruptorx/contracts'
import { Disruptor, type DisruptorOptions, type Logger, type ReadonlyView, type StructRingOptions } from '@disruptorx/core'
import { codeOfAsync, type Ticket, ticket, ticketOf } from './support.ts'

export type Handler = EventHandler<ReadonlyView<Ticket>>

/** The message of the error that `action` throws, or a sentence. */
export function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing thrown'
}

/** The message of the error that `promise` rejects with, or a sentence. */
export async function messageOfAsync(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing thrown'
}

/** Keeps failures that are meant to be off the screen. */
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** A disruptor of tickets. */
export function makeDisruptor(options: Partial<StructRingOptions<Ticket>> & DisruptorOptions = {}): Disruptor<Ticket> {
  return new Disruptor({ layout: ticket, capacity: 16, logger: silent, ...options })
}

/** Publishes tickets `first` to `first + count - 1`, waiting for room without blocking. */
export async function publishTickets(disruptor: Disruptor<Ticket>, count: number, first = 0): Promise<void> {
  const publisher = disruptor.publisher()
  for (let number = first; number < first + count; number++) while (!publisher.publish(ticketOf(number, 1))) await publisher.ready()
  while (!publisher.flush()) await publisher.ready()
  publisher.close()
}

/** {@link publishTickets} for a handler on another thread that is to fail: this may halt the ring at any moment, also before all are published. */
export async function publishToFailing(disruptor: Disruptor<Ticket>, count: number): Promise<void> {
  const code = await codeOfAsync(publishTickets(disruptor, count))
  if (code !== 'nothing thrown' && code !== 'DX_RING_HALTED') throw new Error(`publishing failed with ${code}`)
}

/** A handler that writes what it sees into a list: `NAME NUMBER`. */
export function recorder(name: string, seen: string[]): Handler {
  return { onEvent: event => void seen.push(`${name} ${event.number}`) }
}

/** A handler that holds each event until it is let go. */
export function holder(): Handler & { handled: number; letGo(): void } {
  let pending = Promise.withResolvers<void>()
  return {
    handled: 0,
    async onEvent() {
      await pending.promise
      pending = Promise.withResolvers<void>()
      this.handled++
    },
    letGo: () => pending.resolve(),
  }
}

/** Lets the event loop do everything that is due, a few times over. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
}
