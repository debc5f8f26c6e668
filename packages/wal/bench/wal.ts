import { closeSync, constants, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDisruptorError } from '@disruptorx/contracts'
import { LatencyHistogram, runBlocking, systemClock } from '@disruptorx/contracts/internal'
import { type JournalStep, type Log, nodeFiles, openJournalStep, openLog } from '@disruptorx/wal'

/** What the journal can do, beside what its disk can do without it, in one run. What it does not measure: a disk that others use too. */
interface Sizes {
  readonly segmentBytes: number
  readonly records64: number
  readonly records1K: number
  readonly singles: number
}

const MIB = 1024 ** 2
const full: Sizes = { segmentBytes: 256 * MIB, records64: 2_000_000, records1K: 150_000, singles: 5000 }
const tiny: Sizes = { segmentBytes: 2 * MIB, records64: 5000, records1K: 500, singles: 20 }

/** A file written ahead, for plain writes and syncs. */
class RawFile {
  readonly #handle: number
  readonly #bytes: number
  #position = 0

  constructor(path: string, bytes: number) {
    this.#handle = openSync(path, constants.O_RDWR | constants.O_CREAT)
    this.#bytes = bytes
    const zeros = new Uint8Array(MIB)
    for (let position = 0; position < bytes; position += MIB) writeSync(this.#handle, zeros, 0, MIB, position)
    fdatasyncSync(this.#handle)
  }

  write(bytes: Uint8Array): void {
    if (this.#position + bytes.length > this.#bytes) this.#position = 0
    writeSync(this.#handle, bytes, 0, bytes.length, this.#position)
    fdatasyncSync(this.#handle)
    this.#position += bytes.length
  }

  close(): void {
    closeSync(this.#handle)
  }
}

function open(dir: string, name: string, segmentBytes: number): JournalStep {
  return runBlocking(openJournalStep(nodeFiles(), { dir: join(dir, name), segmentBytes }))
}

/** Records per second, all durable at the end, in batches as large as they get. */
function appendAll(journal: JournalStep, count: number, recordBytes: number): number {
  const record = new Uint8Array(recordBytes).fill(7)
  const startedNs = systemClock.monotonicNs()
  for (let index = 1; index <= count; index++) {
    if (!journal.hasRoom(recordBytes)) journal.step()
    journal.append(0, index, 1, record, 0, recordBytes)
  }
  while (journal.durableLsn < journal.lastLsn) journal.step()
  return (count * 1e9) / (systemClock.monotonicNs() - startedNs)
}

/** Full batches of 1 KiB records, and a plain write and sync of as many bytes, in turns: whatever the disk does, it does to both. */
function batches(journal: JournalStep, raw: RawFile, count: number): Record<string, number> {
  const record = new Uint8Array(1024).fill(7)
  const batch = new Uint8Array(MIB).fill(7)
  let oursNs = 0
  let plainNs = 0
  let plainBytes = 0
  for (let index = 1; index <= count; ) {
    const startedNs = systemClock.monotonicNs()
    for (; index <= count && journal.hasRoom(record.length); index++) journal.append(0, index, 1, record, 0, record.length)
    journal.step()
    const betweenNs = systemClock.monotonicNs()
    raw.write(batch)
    oursNs += betweenNs - startedNs
    plainNs += systemClock.monotonicNs() - betweenNs
    plainBytes += batch.length
  }
  const recordsPerSecond = (count * 1e9) / oursNs
  const rawRecordsPerSecond = (plainBytes * 1e9) / plainNs / record.length
  return {
    'append1K.recordsPerSecond': recordsPerSecond,
    'append1K.rawRecordsPerSecond': rawRecordsPerSecond,
    'append1K.ofRaw': recordsPerSecond / rawRecordsPerSecond,
  }
}

/** One record at a time, and a plain write and sync of as many bytes, in turns: whatever the disk does, it does to both. */
function singles(journal: JournalStep, raw: RawFile, count: number): Record<string, number> {
  const ours = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
  const plain = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
  const record = new Uint8Array(64).fill(7)
  const sector = new Uint8Array(4096).fill(7)
  for (let index = 1; index <= count; index++) {
    const startedNs = systemClock.monotonicNs()
    journal.append(0, index, 1, record, 0, record.length)
    journal.step()
    const betweenNs = systemClock.monotonicNs()
    raw.write(sector)
    ours.record(betweenNs - startedNs)
    plain.record(systemClock.monotonicNs() - betweenNs)
  }
  const us = (histogram: LatencyHistogram, percentile: number) => histogram.percentile(percentile) / 1000
  return {
    'single.p50Us': us(ours, 50),
    'single.p99Us': us(ours, 99),
    'single.rawP50Us': us(plain, 50),
    'single.rawP99Us': us(plain, 99),
    'single.p50OverRaw': us(ours, 50) / us(plain, 50),
  }
}

async function logAll(log: Log, count: number): Promise<number> {
  const record = new Uint8Array(64).fill(7)
  const startedNs = systemClock.monotonicNs()
  while (log.lastIndex < count) {
    try {
      log.append(record, 1)
    } catch (error) {
      if (!isDisruptorError(error, 'DX_LOG_FULL')) throw error
      await log.room()
    }
  }
  await log.durable(log.append(record, 1).lsn)
  return (count * 1e9) / (systemClock.monotonicNs() - startedNs)
}

async function measure(dir: string, sizes: Sizes, log: (line: string) => void): Promise<Record<string, number>> {
  const results: Record<string, number> = {}
  const raw = new RawFile(join(dir, 'raw'), sizes.segmentBytes)
  const small = open(dir, 'append64', sizes.segmentBytes)
  results['append64.recordsPerSecond'] = appendAll(small, sizes.records64, 64)
  runBlocking(small.close())
  log('append64 done')
  const large = open(dir, 'append1K', sizes.segmentBytes)
  Object.assign(results, batches(large, raw, sizes.records1K))
  runBlocking(large.close())
  log('append1K done')
  const single = open(dir, 'single', sizes.segmentBytes)
  Object.assign(results, singles(single, raw, sizes.singles))
  runBlocking(single.close())
  raw.close()
  log('single done')
  const plain = await openLog(join(dir, 'log'), { segmentBytes: sizes.segmentBytes, spareSegments: 0 })
  results['log64.recordsPerSecond'] = await logAll(plain, sizes.records64)
  await plain.close()
  return results
}

export default {
  suite: 'wal',
  async run(options: { quick: boolean; log(line: string): void }): Promise<Record<string, number>> {
    const dir = mkdtempSync(join(tmpdir(), 'disruptorx-wal-'))
    try {
      return await measure(dir, options.quick ? tiny : full, options.log)
    } finally {
      rmSync(dir, { recursive: true })
    }
  },
}
