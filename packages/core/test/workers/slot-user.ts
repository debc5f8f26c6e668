import { parentPort, workerData } from 'node:worker_threads'
import { SlotPool, type SlotPoolHandle } from '../../src/pool/slot-pool.ts'
import { ticket } from '../support.ts'

/**
 * Takes and releases slots, by a cache or without. Each slot has a word that says who uses it: whoever finds another name there has a slot that was
 * given out twice. Some slots go through a mailbox, to be released by whoever empties it.
 */
export interface SlotUserData {
  readonly handle: SlotPoolHandle
  /** A word for each slot, then one mailbox for each user. */
  readonly memory: SharedArrayBuffer
  readonly id: number
  readonly users: number
  /** Infinity: until it is terminated. */
  readonly rounds: number
  readonly cached: boolean
}

const { handle, memory, id, users, rounds, cached } = workerData as SlotUserData
const pool = SlotPool.attach(handle, ticket)
const cache = pool.cache({ high: 8 })
const user = cached ? cache : pool
const words = new Int32Array(memory)
const held: number[] = []
let exhausted = 0
parentPort?.postMessage('started')
for (let round = 0; round < rounds; round++) {
  const slot = user.tryAcquire()
  if (slot < 0) exhausted++
  else {
    const other = Atomics.exchange(words, slot, id)
    if (other !== 0) throw new Error(`round ${round}: slot ${slot} was given to ${id} while ${other} used it`)
    held.push(slot)
  }
  if (held.length > 1 + (round % 7)) send(held.shift() as number, round)
}
for (const slot of held) give(slot)
cache.close()
parentPort?.postMessage({ exhausted })

function send(slot: number, round: number): void {
  const mailbox = pool.capacity + (round % users)
  const received = Atomics.exchange(words, mailbox, slot + 1)
  if (received > 0) give(received - 1)
}

function give(slot: number): void {
  Atomics.store(words, slot, 0)
  user.release(slot)
}
