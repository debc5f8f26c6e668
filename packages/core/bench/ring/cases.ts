import { type ConsumerHandle, StructRing, type StructRingHandle } from '@disruptorx/core'
import { CAPACITY, event, SLOT_BYTES } from './event.ts'
import type { Part } from './part.ts'
import { rawConsumer, rawMemory, rawProducer } from './raw.ts'
import { batchProducer, publisherProducer, structConsumer } from './struct.ts'

/** One case: what its threads share, and what each of them does. */
export interface Case<Shared = unknown> {
  readonly name: string
  /** How many of the parts produce; they come first. */
  readonly producers: number
  /** Makes what the threads share; it crosses to them. */
  share(): Shared
  /** One for each thread. Called there. */
  readonly parts: readonly ((shared: Shared) => Part)[]
}

interface SharedRing {
  readonly ring: StructRingHandle
  readonly consumers: readonly ConsumerHandle[]
}

function structRing(): SharedRing {
  const ring = StructRing.create({ layout: event, capacity: CAPACITY, slotBytes: SLOT_BYTES })
  return { ring: ring.handle, consumers: [ring.addConsumer().handle] }
}

function raw(burst: number): Case<SharedArrayBuffer> {
  return { name: `raw.burst${burst}`, producers: 1, share: rawMemory, parts: [memory => rawProducer(memory, burst), rawConsumer] }
}

function consumerOf({ ring, consumers }: SharedRing, index = 0): Part {
  return structConsumer(ring, consumers[index] as ConsumerHandle)
}

function spsc(name: string, producer: (ring: StructRingHandle) => Part): Case<SharedRing> {
  return { name, producers: 1, share: structRing, parts: [({ ring }) => producer(ring), shared => consumerOf(shared)] }
}

const list = [
  raw(1),
  raw(10),
  raw(32),
  spsc('spsc.publishEach', ring => batchProducer(ring, 1)),
  spsc('spsc.publisher', publisherProducer),
  spsc('spsc.batch10', ring => batchProducer(ring, 10)),
  spsc('spsc.batch32', ring => batchProducer(ring, 32)),
]

/** All cases by name. What a case's threads share goes only from its own `share` to its own parts. */
export const cases: ReadonlyMap<string, Case> = new Map(list.map(one => [one.name, one as Case]))

/** Each of ours, and the hand-written loop with the same burst that it is held against. */
export const yardsticks: Readonly<Record<string, string>> = {
  'spsc.publishEach': 'raw.burst1',
  'spsc.publisher': 'raw.burst32',
  'spsc.batch10': 'raw.burst10',
  'spsc.batch32': 'raw.burst32',
}
