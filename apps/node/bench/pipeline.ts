import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Output } from '../src/cli/output.ts'
import { measureFsync, quantile } from '../src/doctor/fsync-cost.ts'
import { openByteSource } from '../src/feed/byte-source.ts'
import { MessageReader } from '../src/feed/message-reader.ts'
import { orderLines } from '../src/feed/order-lines.ts'
import { feedSource } from '../src/feed/replay-feed.ts'
import { openSession } from '../src/session/open-session.ts'

const REAL_ORDERS = fileURLToPath(new URL('../../../../shared/data/orders-aapl-2012-06-21.csv', import.meta.url))
/** Beside the sources, not in the system's directory for temporary files: that is memory on some machines. */
const DIRECTORY = fileURLToPath(new URL(`../.data/bench-${process.pid}`, import.meta.url))
const SEED = 1
const PACED_RATE = 20_000

interface BenchOptions {
  readonly quick: boolean
  log(line: string): void
}

interface Round {
  readonly eventsPerSecond: number
  readonly durableP50Us: number
  readonly durableP99Us: number
}

const silent = { update() {}, note() {}, finish() {} }
const never = new AbortController().signal

/** Replays a file into a new directory, as the command does it, and throws the directory away. */
async function replayOnce(file: string, rate: number | undefined): Promise<Round> {
  const dataDir = join(DIRECTORY, 'data')
  const source = await openByteSource(file, '/', () => process.stdin)
  const session = await openSession({ dataDir, clientId: 1, settings: {}, err: new Output(process.stderr), signal: never })
  const reader = new MessageReader(source, () => {})
  await reader.advance(never)
  const start = { line: 0, offset: 0 }
  const { events, seconds } = await feedSource({ session, reader, start, progress: silent, rate, stop: never })
  const { durable } = session.node.status().latencyNs
  await session.close({ snapshot: false })
  await source.close()
  rmSync(dataDir, { recursive: true })
  return { eventsPerSecond: events / seconds, durableP50Us: durable.p50 / 1000, durableP99Us: durable.p99 / 1000 }
}

/** Throughput and latency of the whole path from file to book, and beside it what one write + fdatasync of 4 KiB costs here and now. */
export default {
  suite: 'pipeline',

  async run({ quick, log }: BenchOptions): Promise<Record<string, number>> {
    mkdirSync(DIRECTORY, { recursive: true })
    try {
      const generated = join(DIRECTORY, 'orders.csv')
      writeOrders(generated, quick ? 2000 : 100_000)
      const short = join(DIRECTORY, 'short.csv')
      writeOrders(short, quick ? 1000 : 40_000)
      const real = !quick && existsSync(REAL_ORDERS)
      log(real ? `replay: ${REAL_ORDERS}` : `replay: generated orders of seed ${SEED}`)
      const rounds: Round[] = []
      const fsyncs: number[] = []
      for (let round = 0; round < (quick ? 1 : 5); round++) {
        fsyncs.push(quantile(measureFsync(DIRECTORY, quick ? 20 : 400), 0.5))
        rounds.push(await replayOnce(real ? REAL_ORDERS : generated, undefined))
      }
      const other = await replayOnce(generated, undefined)
      const paced = await replayOnce(short, PACED_RATE)
      return {
        eventsPerSecond: median(rounds.map(round => round.eventsPerSecond)),
        durableP50Us: median(rounds.map(round => round.durableP50Us)),
        durableP99Us: median(rounds.map(round => round.durableP99Us)),
        rawFsyncP50Us: median(fsyncs),
        generatedEventsPerSecond: other.eventsPerSecond,
        pacedDurableP50Us: paced.durableP50Us,
        pacedDurableP99Us: paced.durableP99Us,
      }
    } finally {
      rmSync(DIRECTORY, { recursive: true, force: true })
    }
  },
}

function writeOrders(path: string, lines: number): void {
  writeFileSync(path, '')
  for (const chunk of orderLines(SEED, lines)) writeFileSync(path, chunk, { flag: 'a' })
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
