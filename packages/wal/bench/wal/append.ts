import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { runBlocking } from '@disruptorx/contracts/internal'
import { type JournalStep, type OverlappedFiles, openJournalStep, overlappedFiles } from '@disruptorx/wal'
import { type Spread, spreadOf } from '../../../core/bench/ring/statistics.ts'
import { OverlappedStep } from '../../src/platform/overlapped-step.ts'
import { RawFile } from './raw-file.ts'
import type { RawRound, RawWorkerData } from './raw-worker.ts'
import type { Figure } from './report.ts'
import { checkOneSegment, disturbance, inPairs, nsOf } from './rounds.ts'
import type { Sizes } from './sizes.ts'

const KIB = 1024
const SECTOR_BYTES = 4 * KIB
/** Where records come from, and the bytes of the plain loop: as much as the ring in front of a journal's thread. */
const SOURCE_BYTES = 4 * KIB * KIB

/** A journal on this thread, as its own thread has it. */
function open(dir: string, { segmentBytes }: Sizes): { readonly journal: JournalStep; readonly files: OverlappedFiles } {
  const files = overlappedFiles()
  return { files, journal: runBlocking(openJournalStep(files, { dir: join(dir, 'journal'), segmentBytes })) }
}

function close(journal: JournalStep, files: OverlappedFiles): void {
  checkOneSegment(journal)
  files.run(journal.close())
  files.close()
}

function source(): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(SOURCE_BYTES)).fill(7)
}

/** The plain loop on a thread of its own: a thread that waits for the disk is moved to the core that answers for it, and the journal's thread should stay where it is. */
async function startRaw(workerData: RawWorkerData) {
  const worker = new Worker(new URL('./raw-worker.ts', import.meta.url), { workerData })
  await once(worker, 'message')
  return {
    async play(round: RawRound): Promise<number> {
      worker.postMessage(round)
      return (await once(worker, 'message'))[0]
    },
    async [Symbol.asyncDispose](): Promise<void> {
      worker.postMessage(undefined)
      await once(worker, 'exit')
    },
  }
}

/** Full batches of 1 KiB records, beside a plain write and sync of as many records without any header, by as many at a time. */
export async function append1K(dir: string, sizes: Sizes): Promise<Figure[]> {
  const { journal, files } = open(dir, sizes)
  const bytes = source()
  await using raw = await startRaw({ path: join(dir, 'raw'), bytes: sizes.segmentBytes, source: bytes.buffer })
  let [index, at, batchRecords, asked] = [0, 0, 0, 0]
  // What the journal's own thread loops: it takes what was asked for as long as a batch has room, and waits only when there is nothing to take.
  const step = new OverlappedStep(
    {
      step: () => {
        const before = asked
        for (; asked > 0 && journal.hasRoom(KIB); asked--) {
          journal.append(0, ++index, 1, bytes, at, KIB)
          at = (at + KIB) % SOURCE_BYTES
        }
        const delayMs = journal.step()
        return asked < before ? 0 : delayMs
      },
      get asked() {
        return asked > 0
      },
    },
    files,
  )
  const append = (records: number) => {
    asked = records
    while (asked > 0 || journal.durableLsn < journal.lastLsn) step.step()
    if (journal.failure !== undefined) throw journal.failure
  }
  const ours = () => {
    const records = sizes.batches * batchRecords
    return (records * 1e9) / nsOf(() => append(records))
  }
  // The plain loop needs to know how many records a batch has.
  for (; journal.hasRoom(KIB); batchRecords++) journal.append(0, ++index, 1, bytes, 0, KIB)
  append(0)
  const theirs = async () => {
    const batchBytes = Math.ceil((batchRecords * KIB) / SECTOR_BYTES) * SECTOR_BYTES
    const ns = await raw.play({ batches: sizes.batches, batchBytes })
    return (batchRecords * sizes.batches * 1e9) / ns
  }
  const pairs = await inPairs(theirs, ours, { rounds: sizes.batchRounds, warmUp: 1 })
  close(journal, files)
  return [
    { name: 'append1K.recordsPerSecond', value: pairs.ours, note: `fsynced in batches of ${batchRecords}, on the journal's thread` },
    { name: 'append1K.rawRecordsPerSecond', value: pairs.theirs, note: 'write and fdatasync of as many bytes of records' },
    { name: 'ratio.append1K', value: pairs.ratio, note: `ours by raw${disturbance(pairs)}` },
  ]
}

/** One record at a time, and a plain write and sync of one sector, in turns. */
export async function single(dir: string, sizes: Sizes): Promise<Figure[]> {
  const { journal, files } = open(dir, sizes)
  using raw = new RawFile(join(dir, 'raw'), sizes.segmentBytes)
  const bytes = source()
  // Both are measured in each turn, one operation of each after the other; here are those of ours, for the second half of the pair.
  let our: number[] = []
  let index = 0
  const theirs = () => {
    const their: number[] = []
    our = []
    for (let i = 0; i < sizes.singles; i++) {
      their.push(nsOf(() => raw.append(bytes, 0, SECTOR_BYTES)))
      our.push(
        nsOf(() => {
          journal.append(0, ++index, 1, bytes, 0, 64)
          journal.step()
        }),
      )
      if (journal.durableLsn < journal.lastLsn) throw new Error('a single append was not durable after one step')
    }
    return 1e9 / spreadOf(their).median
  }
  const pairs = await inPairs(theirs, () => 1e9 / spreadOf(our).median, sizes)
  close(journal, files)
  return [
    { name: 'single.p50Us', value: inverse(pairs.ours, 1e6), note: 'append of 64 bytes until it is durable, on space written ahead' },
    { name: 'single.rawP50Us', value: inverse(pairs.theirs, 1e6), note: 'write and fdatasync of 4 KiB, on space written ahead' },
    { name: 'ratio.single', value: inverse(pairs.ratio), note: `ours by raw${disturbance(pairs)}` },
  ]
}

/** Times from speeds. */
function inverse({ median, least, most }: Spread, unit = 1): Spread {
  return { median: unit / median, least: unit / most, most: unit / least }
}
