import { once } from 'node:events'
import { MessageChannel, type Transferable, Worker } from 'node:worker_threads'
import { ByteRing, StructRing } from '@disruptorx/core'
import { CAPACITY, type Case, type CaseData, cases, event, SLOT_BYTES } from './ring-cases.ts'

interface Round {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly sum: number | undefined
}

/** Which hand-written loop each ring is held against. */
const yardsticks = {
  'spsc.publishEach': 'raw.burst1',
  'spsc.publisher': 'raw.burst32',
  'spsc.batch32': 'raw.burst32',
  'multi.publisher': 'raw.burst32',
  bytes64: 'raw.burst32',
} as const

/** The memory of a case for its producer and its consumer. */
function memoryOf(name: Case): { producer: unknown; consumer: unknown; handle?: unknown; transfer?: Transferable[][] } {
  if (name.startsWith('raw')) {
    const memory = new SharedArrayBuffer(256 + CAPACITY * SLOT_BYTES)
    return { producer: memory, consumer: memory }
  }
  if (name === 'messagePort') {
    const { port1, port2 } = new MessageChannel()
    return { producer: port1, consumer: port2, transfer: [[port1], [port2]] }
  }
  if (name === 'bytes64') {
    const { handle } = ByteRing.create({ capacityBytes: CAPACITY * SLOT_BYTES })
    return { producer: handle, consumer: handle }
  }
  const producers = name.startsWith('multi') ? 'multi' : 'single'
  const ring = StructRing.create({ layout: event, capacity: CAPACITY, slotBytes: SLOT_BYTES, producers })
  return { producer: ring.handle, consumer: ring.handle, handle: ring.addConsumer().handle }
}

async function runSide(data: CaseData, transferList: Transferable[]): Promise<Round[]> {
  const worker = new Worker(new URL('./ring-worker.ts', import.meta.url), { workerData: data, transferList })
  const [rounds] = (await once(worker, 'message')) as [Round[]]
  await worker.terminate()
  return rounds
}

/** Events per second in the best round: from the first claim to the last read. The first round warms up. */
async function measure(name: Case, events: number, rounds: number): Promise<number> {
  const memory = memoryOf(name)
  const gate = new SharedArrayBuffer(256)
  const data = { name, events, rounds, gate, consumer: memory.handle }
  const [produced, consumed] = await Promise.all([
    runSide({ ...data, side: 'producer', ring: memory.producer }, memory.transfer?.[0] ?? []),
    runSide({ ...data, side: 'consumer', ring: memory.consumer }, memory.transfer?.[1] ?? []),
  ])
  const due = expectedSum(events)
  let best = 0
  for (let round = 1; round < rounds; round++) {
    const start = produced[round]?.startNs ?? 0n
    const { endNs, sum } = consumed[round] as Round
    if (sum !== due) throw new Error(`${name}: read a sum of ${sum}, written was ${due}`)
    best = Math.max(best, (events * 1e9) / Number(endNs - start))
  }
  return best
}

function expectedSum(events: number): number {
  let sum = 0
  for (let i = 0; i < events; i++) sum += i + (i & 0xffff) + 107 + (i & 1)
  return sum
}

/**
 * Events per second from one thread to another, all spinning, and each ring's share of a hand-written loop in the same run.
 *
 * What it does not measure: threads that sleep, more than two threads, and the distance between cores, which decides most of the result.
 */
export default {
  suite: 'ring',
  async run({ quick, log }: { quick: boolean; log(line: string): void }): Promise<Record<string, number>> {
    const results: Record<string, number> = {}
    for (const name of cases) {
      const events = quick ? 3_200 : name === 'messagePort' ? 128_000 : 6_400_000
      const perSecond = await measure(name, events, quick ? 2 : 5)
      results[`${name}.eventsPerSecond`] = Math.round(perSecond)
      log(`${name.padEnd(18)} ${(perSecond / 1e6).toFixed(2).padStart(8)} million events/s`)
    }
    for (const [name, raw] of Object.entries(yardsticks)) {
      const ratio = (results[`${name}.eventsPerSecond`] as number) / (results[`${raw}.eventsPerSecond`] as number)
      results[`ratio.${name}`] = Number(ratio.toFixed(3))
      log(`${name.padEnd(18)} ${(ratio * 100).toFixed(0).padStart(8)} % of ${raw}`)
    }
    return results
  },
}
