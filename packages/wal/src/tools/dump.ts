import type { FileTask } from '@disruptorx/contracts/internal'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { KeyError } from '../errors.ts'
import {
  KIND_CLOSED,
  KIND_COPY,
  KIND_CUT,
  KIND_DROP,
  KIND_ENTRY,
  KIND_MARK,
  KIND_OPENED,
  KIND_RESET,
  KIND_TRIM,
  KIND_VALUE,
} from '../format/descriptor.ts'
import { RecordCursor } from '../segments/record.ts'
import { type FoundSegment, JournalFiles, type LookOptions } from './journal-files.ts'
import { SegmentWalk, UNKNOWN_END, type WalkItem } from './segment-walk.ts'

/** What the kinds of records are called. */
const kinds = {
  [KIND_ENTRY]: 'entry',
  [KIND_COPY]: 'copy',
  [KIND_CUT]: 'truncate-after',
  [KIND_TRIM]: 'truncate-before',
  [KIND_RESET]: 'reset',
  [KIND_MARK]: 'snapshot-mark',
  [KIND_VALUE]: 'value',
  [KIND_DROP]: 'drop',
  [KIND_OPENED]: 'opened',
  [KIND_CLOSED]: 'closed',
} as const

/** What a record does. `copy` is an entry written once more, so that its old segment can go. */
export type RecordKind = (typeof kinds)[keyof typeof kinds]

/** Every {@link RecordKind}. */
export const recordKinds: readonly RecordKind[] = Object.values(kinds)

/** One record, as it lies in the journal. */
export interface DumpedRecord {
  readonly lsn: number
  readonly segment: number
  /** Offset of its batch in the segment's file, in bytes. */
  readonly offset: number
  readonly kind: RecordKind | `unknown ${number}`
  /** `undefined` of records about the journal itself. */
  readonly log: number | undefined
  readonly index: number
  readonly term: number
  /** Of an entry or copy. Its own memory. */
  readonly data: Uint8Array | undefined
  /** Of a value. */
  readonly name: string | undefined
  readonly value: Uint8Array | undefined
}

/** A place at which records cannot be read. */
export interface DumpedDamage {
  readonly kind: 'damage'
  readonly segment: number
  readonly offset: number
  readonly reason: string
}

/** Which records are wanted, all of them by default; bounds are included. */
export interface DumpOptions extends LookOptions {
  readonly logs?: readonly number[]
  readonly kinds?: readonly RecordKind[]
  readonly fromLsn?: number
  readonly toLsn?: number
  readonly fromIndex?: number
  readonly toIndex?: number
}

/**
 * Every record of a journal in the order in which it was written, cut ones too, each batch checked first. Reads only: it takes no lock, and somebody may be writing the
 * journal meanwhile; it ends where the last segment, as there was at its start, ends when it comes there.
 *
 * @throws {NoJournalError} {@link KeyError} {@link FormatTooNewError} {@link FormatTooOldError}, or the file system's error
 */
export async function* dumpJournal(dir: string, options: DumpOptions = {}): AsyncGenerator<DumpedRecord | DumpedDamage, void, undefined> {
  const wants = wanted(options)
  const journal = new JournalFiles(dir, options)
  const found = await journal.segments()
  for (const [i, segment] of found.entries()) {
    const [before, next] = [found[i - 1], found[i + 1]]
    if (before !== undefined && before.id < segment.id - 1) yield missing(before.id + 1, segment.id - 1)
    const neighbour = next?.id === segment.id + 1 ? next.header?.firstLsn : undefined
    const until = next === undefined ? undefined : (neighbour ?? UNKNOWN_END)
    if (until !== undefined && until <= (options.fromLsn ?? 0)) continue
    if ((segment.header?.firstLsn ?? 0) > (options.toLsn ?? Number.POSITIVE_INFINITY)) return
    yield* dumpSegment(journal, segment, until, wants)
  }
}

function missing(first: number, last: number): DumpedDamage {
  const reason = first === last ? 'the file is missing' : `the files up to segment ${last} are missing`
  return { kind: 'damage', segment: first, offset: 0, reason }
}

async function* dumpSegment(
  journal: JournalFiles,
  { id, header, fault }: FoundSegment,
  until: number | undefined,
  wants: (record: RecordCursor) => boolean,
): AsyncGenerator<DumpedRecord | DumpedDamage, void, undefined> {
  if (header === undefined) {
    yield { kind: 'damage', segment: id, offset: 0, reason: String(fault?.details.reason ?? fault?.message) }
    return
  }
  if (header.key !== undefined && !journal.canOpen(header)) throw new KeyError(id, header.key.id, 'was not given')
  const walk = await opened(journal, header, until)
  if (walk === undefined) return
  try {
    for (;;) {
      const step = await journal.run(nextRecords(walk, wants))
      if (step === undefined) return
      const isDamage = step.some(record => record.kind === 'damage')
      if (isDamage && (await journal.isFreed(id))) return
      yield* step
    }
  } finally {
    await journal.run(walk.close())
  }
}

/** Starts to walk over a segment; `undefined` when it was freed since it was listed. */
async function opened(
  journal: JournalFiles,
  header: NonNullable<FoundSegment['header']>,
  until: number | undefined,
): Promise<SegmentWalk | undefined> {
  try {
    return await journal.run(SegmentWalk.open(journal, header, until))
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    return undefined
  }
}

/** The wanted records of the next batch, or the damage that comes next; `undefined` at the end. */
function* nextRecords(walk: SegmentWalk, wants: (record: RecordCursor) => boolean): FileTask<(DumpedRecord | DumpedDamage)[] | undefined> {
  const item: WalkItem = yield* walk.next()
  if (item.kind === 'end') return undefined
  const { header, body } = walk.source
  const segment = walk.source.segment.id
  if (item.kind === 'damage') return [{ kind: 'damage', segment, offset: item.offset, reason: item.reason }]
  if (!(yield* walk.source.open(item.offset)))
    return [{ kind: 'damage', segment, offset: item.offset, reason: 'the records of the batch cannot be unpacked' }]
  const records: DumpedRecord[] = []
  const record = new RecordCursor()
  record.start(body.view, body.offset, body.length, header.firstLsn)
  while (record.next()) if (wants(record)) records.push(dumped(record, segment, item.offset, body.bytes))
  return records
}

function dumped(record: RecordCursor, segment: number, offset: number, bytes: Uint8Array): DumpedRecord {
  const { lsn, index, term, logId } = record
  const kind = kinds[record.kind as keyof typeof kinds] ?? (`unknown ${record.kind}` as const)
  const data = bytes.slice(record.offset, record.offset + record.length)
  const nameLength = data[0] ?? 0
  const isEntry = kind === 'entry' || kind === 'copy'
  return {
    lsn,
    segment,
    offset,
    kind,
    log: kind === 'opened' || kind === 'closed' ? undefined : logId,
    index,
    term,
    data: isEntry ? data : undefined,
    name: kind === 'value' ? new TextDecoder().decode(data.subarray(1, 1 + nameLength)) : undefined,
    value: kind === 'value' ? data.slice(1 + nameLength) : undefined,
  }
}

/** @throws {OptionError} */
function wanted(options: DumpOptions): (record: RecordCursor) => boolean {
  const bound = (name: string, value: number | undefined, otherwise: number) =>
    value === undefined ? otherwise : wholeNumber(name, value, 0, Number.MAX_SAFE_INTEGER)
  const [fromLsn, toLsn] = [bound('fromLsn', options.fromLsn, 0), bound('toLsn', options.toLsn, Number.MAX_SAFE_INTEGER)]
  const [fromIndex, toIndex] = [bound('fromIndex', options.fromIndex, 0), bound('toIndex', options.toIndex, Number.MAX_SAFE_INTEGER)]
  const { logs, kinds: names } = options
  return ({ lsn, index, logId, kind }) => {
    if (lsn < fromLsn || lsn > toLsn || index < fromIndex || index > toIndex) return false
    const name = kinds[kind as keyof typeof kinds]
    if (names !== undefined && !names.includes(name)) return false
    return logs === undefined || (name !== 'opened' && name !== 'closed' && logs.includes(logId))
  }
}
