import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FileRequest, Files } from '@disruptorx/contracts'
import { runBlocking, systemClock } from '@disruptorx/contracts/internal'
import { nodeFiles, openJournalStep, openLog } from '@disruptorx/wal'
import { makeSparseJournal } from '../../test/sparse-journal.ts'
import type { Figure } from './report.ts'
import { alone } from './rounds.ts'
import type { Sizes } from './sizes.ts'

const KIB = 1024
const FIRST = '000001.seg'
const SEGMENT_BYTES = 64 * KIB * KIB

/** Counts the bytes that are read. */
class CountingFiles implements Files {
  readonly #files = nodeFiles()
  readBytes = 0

  submit(request: FileRequest): void {
    this.#files.submit(request)
    if (request.operation === 'read' && request.state === 'done') this.readBytes += request.result
  }

  poll(): void {}
}

/** Writes records of 1 KiB until a journal has so many bytes, all in one segment, and leaves it as a process does that is killed. Returns the bytes. */
function leaveJournal(dir: string, from: string, { readBytes }: Sizes): number {
  const journal = runBlocking(openJournalStep(nodeFiles(), { dir: from, segmentBytes: 2 ** Math.ceil(Math.log2(readBytes) + 0.1) }))
  const record = new Uint8Array(KIB).fill(7)
  while (journal.bytesWritten < readBytes) {
    while (journal.hasRoom(KIB)) journal.append(0, journal.log(0).lastIndex + 1, 1, record)
    journal.step()
  }
  mkdirSync(dir)
  copySynced(join(from, FIRST), join(dir, FIRST))
  const bytes = journal.bytesWritten
  runBlocking(journal.close())
  return bytes
}

/** Opens a journal whose process was killed: its only segment is read and checked, and what no later batch proves is copied. */
export async function recover(dir: string, sizes: Sizes): Promise<Figure[]> {
  const left = join(dir, 'left')
  const bytes = leaveJournal(left, join(dir, 'journal'), sizes)
  let round = 0
  const value = await alone(
    () => {
      const copy = join(dir, `copy-${round++}`)
      mkdirSync(copy)
      copySynced(join(left, FIRST), join(copy, FIRST))
      const startNs = systemClock.monotonicNs()
      const journal = runBlocking(openJournalStep(nodeFiles(), { dir: copy, segmentBytes: SEGMENT_BYTES }))
      const ns = systemClock.monotonicNs() - startNs
      if (journal.recovery.cut !== undefined) throw new Error('recovery cut what was durable')
      runBlocking(journal.close())
      rmSync(copy, { recursive: true })
      return (bytes * 1e9) / ns
    },
    sizes.slowRounds,
    Math.min(1, sizes.warmUp),
  )
  return [
    {
      name: 'recover.bytesPerSecond',
      value,
      note: `a segment of ${mib(bytes)} MiB that was never closed, records of 1 KiB, in the system's cache`,
    },
  ]
}

/** Reads a log from its first entry to its last. */
export async function read(dir: string, sizes: Sizes): Promise<Figure[]> {
  leaveJournal(join(dir, 'left'), join(dir, 'journal'), sizes)
  const log = await openLog(join(dir, 'left'))
  const value = await alone(
    async () => {
      let bytes = 0
      const startNs = systemClock.monotonicNs()
      for await (const entries of log.read(log.firstIndex)) for (const { data } of entries) bytes += data.length
      return (bytes * 1e9) / (systemClock.monotonicNs() - startNs)
    },
    sizes.slowRounds,
    Math.min(1, sizes.warmUp),
  )
  await log.close()
  return [{ name: 'read.bytesPerSecond', value, note: "a log of 1 KiB entries from its thread, in the system's cache" }]
}

/** Opens a journal of sparse files, as large as a full one. */
export async function open10G(dir: string, { segments, slowRounds, warmUp }: Sizes): Promise<Figure[]> {
  const journalDir = join(dir, 'journal')
  makeSparseJournal(journalDir, segments, SEGMENT_BYTES)
  const read: number[] = []
  const value = await alone(
    () => {
      const files = new CountingFiles()
      const startNs = systemClock.monotonicNs()
      const journal = runBlocking(openJournalStep(files, { dir: journalDir, segmentBytes: SEGMENT_BYTES }))
      const ms = (systemClock.monotonicNs() - startNs) / 1e6
      read.push(files.readBytes)
      if (journal.log(1).lastIndex !== segments) throw new Error('the journal that was opened is not the one that was made')
      runBlocking(journal.close())
      return ms
    },
    slowRounds,
    Math.min(1, warmUp),
  )
  const size = `${(segments * SEGMENT_BYTES) / 1024 ** 3} GiB in ${segments} segments`
  return [
    {
      name: 'open10G.ms',
      value,
      note: `${size}; bytes read: ${[...new Set(read)].map(bytes => bytes.toLocaleString('en-US')).join(', then ')}`,
    },
  ]
}

/** What a process has synced before it was killed need not be synced by the next one. */
function copySynced(from: string, to: string): void {
  copyFileSync(from, to)
  const handle = openSync(to, 'r+')
  fsyncSync(handle)
  closeSync(handle)
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}
