import type { SegmentRuns } from '../format/footer.ts'
import type { Run } from '../logs/runs.ts'
import { decodeChecked, encodeChecked } from './checked-text.ts'
import { ArchiveDamagedError } from './errors.ts'
import { cardObject } from './objects.ts'

/** Version of the archive's own objects. */
const ARCHIVE_FORMAT = 1
/** Most runs that a card lists: with more, the segment itself is looked through when it is read. */
const MOST_RUNS = 10_000
/** Most bytes of a card. */
export const MOST_CARD_BYTES = 4 * 1024 ** 2

/** What is known of an archived segment. */
export interface SegmentCard {
  readonly journalId: string
  readonly segment: number
  readonly firstLsn: number
  readonly lastLsn: number
  /** Size of the segment, and CRC-32 of all of it. */
  readonly bytes: number
  readonly crc: number
  /** What it holds of each log, whether trimmed since or not; `undefined` when that is too much for a card. */
  readonly logs: readonly SegmentRuns[] | undefined
}

/** The bytes of a card. */
export function encodeCard(card: SegmentCard): Uint8Array {
  const runs = card.logs?.reduce((sum, log) => sum + log.runs.length + 1, 0) ?? 0
  const logs =
    card.logs === undefined || runs > MOST_RUNS
      ? null
      : card.logs.map(log => ({
          log: log.logId,
          keep: log.keep,
          runs: log.runs.map(({ first, last, term, lsn }) => [first, last, term, lsn]),
        }))
  const { journalId, segment, firstLsn, lastLsn, bytes, crc } = card
  return encodeChecked({ format: ARCHIVE_FORMAT, journalId, segment, firstLsn, lastLsn, bytes, crc, logs })
}

/** Reads a card. @throws {ArchiveDamagedError} */
export function decodeCard(bytes: Uint8Array | undefined, segment: number): SegmentCard {
  const value = bytes === undefined ? undefined : decodeChecked(bytes)
  const card = isRecord(value) && value.format === ARCHIVE_FORMAT ? cardOf(value) : undefined
  if (card === undefined) throw new ArchiveDamagedError(cardObject(segment), 'it is not what was put there')
  if (card.segment !== segment) throw new ArchiveDamagedError(cardObject(segment), `it is the one of segment ${card.segment}`)
  return card
}

/** The bytes of the object that says which journal an archive is of. */
export function encodeJournal(journalId: string): Uint8Array {
  return encodeChecked({ format: ARCHIVE_FORMAT, journalId })
}

/** Which journal an archive is of; `undefined` when the object is damaged. */
export function decodeJournal(bytes: Uint8Array | undefined): string | undefined {
  const value = bytes === undefined ? undefined : decodeChecked(bytes)
  return isRecord(value) && value.format === ARCHIVE_FORMAT && isJournalId(value.journalId) ? value.journalId : undefined
}

type Fields = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isJournalId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function cardOf({ journalId, segment, firstLsn, lastLsn, bytes, crc, logs }: Fields): SegmentCard | undefined {
  if (!isJournalId(journalId)) return undefined
  if (!(isWhole(segment) && isWhole(firstLsn) && isWhole(lastLsn) && isWhole(bytes) && isWhole(crc))) return undefined
  if (firstLsn < 1 || lastLsn < firstLsn - 1) return undefined
  const listed = logs === null ? undefined : logsOf(logs, segment)
  if (listed === 'damaged') return undefined
  return { journalId, segment, firstLsn, lastLsn, bytes, crc, logs: listed }
}

function logsOf(value: unknown, segment: number): SegmentRuns[] | 'damaged' {
  if (!Array.isArray(value)) return 'damaged'
  const logs: SegmentRuns[] = []
  for (const log of value as readonly unknown[]) {
    if (!isRecord(log) || !isWhole(log.log) || !isWhole(log.keep) || !Array.isArray(log.runs)) return 'damaged'
    const runs: Run[] = []
    for (const numbers of log.runs as readonly unknown[]) {
      const run = runOf(numbers, segment)
      if (run === undefined || run.first <= (runs.at(-1)?.last ?? -1)) return 'damaged'
      runs.push(run)
    }
    logs.push({ logId: log.log, keep: log.keep, runs })
  }
  return logs
}

function runOf(value: unknown, segment: number): Run | undefined {
  if (!Array.isArray(value) || value.length !== 4 || !value.every(isWhole)) return undefined
  const [first, last, term, lsn] = value as [number, number, number, number]
  return first <= last ? { first, last, term, segment, lsn, bytes: 0, open: false, hints: [first, lsn, 0] } : undefined
}
