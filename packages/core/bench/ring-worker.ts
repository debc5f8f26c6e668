import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import {
  ByteRing,
  type ByteRingHandle,
  type ConsumerHandle,
  type Infer,
  type Publisher,
  StructRing,
  type StructRingHandle,
} from '@disruptorx/core'
import { CAPACITY, type CaseData, event, SLOT_BYTES } from './ring-cases.ts'

type Event = Infer<typeof event>

const data = workerData as CaseData
const { name, side, events } = data
const gate = new Int32Array(data.gate)
const WORDS = SLOT_BYTES / 4
const MASK = CAPACITY - 1
/** Raw memory: cursor in the first line, the consumer's sequence in the second, slots from the third. */
const CONSUMED = 32
const SLOTS = 64

function pause(): void {
  if (Atomics.load(gate, 63) !== 0) throw new Error('stopped')
}

function rawProducer(burst: number): () => void {
  const words = new Int32Array(data.ring as SharedArrayBuffer)
  let next = 0
  let published = 0
  let consumed = 0
  return () => {
    for (let i = 0; i < events; i++) {
      while (((next - consumed) | 0) >= CAPACITY) {
        Atomics.store(words, 0, next)
        published = next
        consumed = Atomics.load(words, CONSUMED)
      }
      const slot = SLOTS + (next & MASK) * WORDS
      words[slot] = i | 0
      words[slot + 1] = (i / 4294967296) | 0
      words[slot + 2] = i & 0xffff
      words[slot + 3] = 100
      words[slot + 4] = 7
      words[slot + 5] = i & 1
      next = (next + 1) | 0
      if (next - published === burst) {
        Atomics.store(words, 0, next)
        published = next
      }
    }
    Atomics.store(words, 0, next)
    published = next
  }
}

function rawConsumer(): () => number {
  const words = new Int32Array(data.ring as SharedArrayBuffer)
  let next = 0
  return () => {
    let sum = 0
    for (let seen = 0; seen < events; ) {
      const cursor = Atomics.load(words, 0)
      const from = next
      for (; next !== cursor; next = (next + 1) | 0) {
        const slot = SLOTS + (next & MASK) * WORDS
        sum += ((words[slot] as number) >>> 0) + (words[slot + 1] as number) * 4294967296
        sum += (words[slot + 2] as number) + (words[slot + 3] as number) + (words[slot + 4] as number) + (words[slot + 5] as number)
      }
      if (next === from) continue
      seen += (next - from) | 0
      Atomics.store(words, CONSUMED, next)
    }
    return sum
  }
}

function structRing(): StructRing<Event> {
  return StructRing.attach(data.ring as StructRingHandle, event)
}

function write(view: { id: number; price: number; size: number; symbol: number; side: number }, i: number): void {
  view.id = i
  view.price = i & 0xffff
  view.size = 100
  view.symbol = 7
  view.side = i & 1
}

function batchProducer(batch: number): () => void {
  const ring = structRing()
  const producer = ring.producer()
  return () => {
    for (let i = 0; i < events; i += batch) {
      let highest = producer.tryNext(batch)
      while (highest < 0) {
        pause()
        highest = producer.tryNext(batch)
      }
      const lowest = highest - batch + 1
      for (let ahead = 0; ahead < batch; ahead++) write(ring.get(lowest + ahead), i + ahead)
      producer.publish(lowest, highest)
    }
  }
}

function publisherProducer(): () => void {
  const publisher: Publisher<Event> = structRing().publisher()
  return () => {
    for (let i = 0; i < events; i++) {
      let view = publisher.claim()
      while (view === undefined) {
        pause()
        view = publisher.claim()
      }
      write(view, i)
    }
    while (!publisher.flush()) pause()
  }
}

function ringConsumer(): () => number {
  const ring = structRing()
  const consumer = ring.attachConsumer(data.consumer as ConsumerHandle)
  return () => {
    let sum = 0
    for (let seen = 0; seen < events; ) {
      const first = consumer.next
      const last = consumer.available()
      if (last < first) continue
      for (let sequence = first; sequence <= last; sequence++) {
        const view = ring.get(sequence)
        sum += view.id + view.price + view.size + view.symbol + view.side
      }
      seen += last - first + 1
      consumer.advance(last)
    }
    return sum
  }
}

function bytesProducer(): () => void {
  const ring = ByteRing.attach(data.ring as ByteRingHandle)
  const producer = ring.producer()
  const words = new Int32Array(ring.memory)
  return () => {
    for (let i = 0; i < events; i++) {
      let offset = producer.tryClaim(SLOT_BYTES)
      while (offset < 0) {
        producer.publish()
        pause()
        offset = producer.tryClaim(SLOT_BYTES)
      }
      const word = offset >> 2
      words[word] = i | 0
      words[word + 1] = (i / 4294967296) | 0
      words[word + 2] = i & 0xffff
      words[word + 3] = 100
      words[word + 4] = 7
      words[word + 5] = i & 1
      if ((i & 31) === 31) producer.publish()
    }
    producer.publish()
  }
}

function bytesConsumer(): () => number {
  const ring = ByteRing.attach(data.ring as ByteRingHandle)
  const consumer = ring.consumer()
  const words = new Int32Array(ring.memory)
  return () => {
    let sum = 0
    for (let seen = 0; seen < events; ) {
      for (let batch = 0; batch < 256 && consumer.peek(); batch++) {
        const word = consumer.offset >> 2
        sum += ((words[word] as number) >>> 0) + (words[word + 1] as number) * 4294967296
        sum += (words[word + 2] as number) + (words[word + 3] as number) + (words[word + 4] as number) + (words[word + 5] as number)
        consumer.advance()
        seen++
      }
      consumer.release()
    }
    return sum
  }
}

function portProducer(): () => void {
  const port = data.ring as MessagePort
  return () => {
    for (let i = 0; i < events; i++) port.postMessage({ id: i, price: i & 0xffff, size: 100, symbol: 7, side: i & 1 })
  }
}

function portConsumer(): () => Promise<number> {
  const port = data.ring as MessagePort
  return () =>
    new Promise(resolve => {
      let sum = 0
      let seen = 0
      const take = (value: Event) => {
        sum += value.id + value.price + value.size + value.symbol + value.side
        if (++seen < events) return
        port.off('message', take)
        resolve(sum)
      }
      port.on('message', take)
    })
}

function bodyOf(): () => unknown {
  const producing = side === 'producer'
  switch (name) {
    case 'raw.burst1':
      return producing ? rawProducer(1) : rawConsumer()
    case 'raw.burst10':
      return producing ? rawProducer(10) : rawConsumer()
    case 'raw.burst32':
      return producing ? rawProducer(32) : rawConsumer()
    case 'spsc.publishEach':
      return producing ? batchProducer(1) : ringConsumer()
    case 'spsc.batch32':
      return producing ? batchProducer(32) : ringConsumer()
    case 'spsc.publisher':
    case 'multi.publisher':
      return producing ? publisherProducer() : ringConsumer()
    case 'bytes64':
      return producing ? bytesProducer() : bytesConsumer()
    case 'messagePort':
      return producing ? portProducer() : portConsumer()
  }
}

const body = bodyOf()
const times: { startNs: bigint; endNs: bigint; sum: unknown }[] = []
for (let round = 1; round <= data.rounds; round++) {
  Atomics.add(gate, 1, 1)
  while (Atomics.load(gate, 1) < 2 * round) pause()
  const startNs = process.hrtime.bigint()
  const sum = await body()
  times.push({ startNs, endNs: process.hrtime.bigint(), sum })
}
parentPort?.postMessage(times)
if (name === 'messagePort') (data.ring as MessagePort).close()
