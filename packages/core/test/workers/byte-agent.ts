import { workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle } from '@disruptorx/core'
import { type AgentData, CONSUMER, LOG, PUBLISHED, Turnstile, WRITTEN } from './byte-schedule.ts'

/*
 * An agent of the interleaving test: agents 0 and 1 write a few records, agent 2 reads. Every record is a number of words that all hold its id.
 */
const data = workerData as AgentData
const ring = ByteRing.attach(data.ring as ByteRingHandle)
const words = new Int32Array(ring.memory)
const turnstile = new Turnstile(data, ring.memory)

/** Records of each producer, in words, burst by burst. The ring holds 16 units of 8 bytes; a record has one unit more than its words fill. */
const bursts = [
  [[2, 6], [1]],
  [[3], [2, 2]],
]

function write(): void {
  const producer = ring.producer()
  turnstile.run(() => {
    let id = 0
    for (const burst of bursts[data.agent] as number[][]) {
      let bits = 0
      for (const length of burst) {
        const at = producer.tryClaim(4 * length)
        if (at >= 0) {
          words.fill((data.agent << 8) | id, at >> 2, (at >> 2) + length)
          bits |= 1 << id
        }
        id++
      }
      turnstile.words[WRITTEN + data.agent] = (turnstile.words[WRITTEN + data.agent] as number) | bits
      producer.publish()
      turnstile.words[PUBLISHED + data.agent] = (turnstile.words[PUBLISHED + data.agent] as number) | bits
    }
    producer.close()
  })
}

function read(): void {
  const consumer = ring.consumer()
  turnstile.run(() => {
    // By hand, as `poll` has a `finally`, which a thread that is terminated does not come to.
    for (let round = 0; round < 3; round++) {
      while (consumer.peek()) {
        log(consumer.offset, consumer.length)
        consumer.advance()
      }
      consumer.release()
    }
    consumer.close()
  })
}

function log(offset: number, length: number): void {
  const id = words[offset >> 2] as number
  const expected = bursts[id >> 8]?.flat()[id & 255]
  const whole = expected === length / 4 && words.subarray(offset >> 2, (offset + length) >> 2).every(word => word === id)
  const count = turnstile.words[LOG] as number
  turnstile.words[LOG] = count + 1
  turnstile.words[LOG + 1 + count] = whole ? id : -1
}

for (;;) {
  turnstile.wait()
  if (data.agent === CONSUMER) read()
  else write()
  turnstile.pass(turnstile.next())
}
