import { AbortedError, type DisruptorError, isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { segmentName } from '../errors.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import { segmentPath, withFile } from '../segments/directory.ts'
import { readFooter } from '../segments/segment-index.ts'
import { type FoundSegment, JournalFiles } from './journal-files.ts'
import { missingEntries } from './missing-entries.ts'
import { Replay } from './replay.ts'
import { SegmentWalk, UNKNOWN_CHAIN, UNKNOWN_END, type WalkItem } from './segment-walk.ts'
import type { JournalNote, JournalProblem, JournalVerification, VerifyOptions } from './verification.ts'
import { isArchive, verifyArchive } from './verify-archive.ts'

/** So many problems are listed; more are only counted. */
const MOST_PROBLEMS = 1000

/**
 * Looks at every byte of a journal, or of the archive of one in a directory, and says exactly what is wrong and where. Reads only: it takes no lock, and somebody may
 * be writing the journal meanwhile; what is written after it began may or may not be looked at.
 *
 * Whatever makes an opening refuse is a problem here, with the same words and at the same place. Only this look knows of what opening does not read: damage in
 * full segments, unless `verify` is `'all'`, and files missing in front of those that any log needs.
 *
 * @throws {NoJournalError} {@link FormatTooNewError} {@link FormatTooOldError} {@link AbortedError}, or the file system's error
 */
export async function verifyJournal(dir: string, options: VerifyOptions = {}): Promise<JournalVerification> {
  if (await isArchive(dir)) return verifyArchive(dir, options)
  return verifyFiles(new JournalFiles(dir, options), options)
}

/** As {@link verifyJournal}, of a journal in hand. */
export async function verifyFiles(journal: JournalFiles, options: VerifyOptions): Promise<JournalVerification> {
  const found = await journal.segments()
  const sizes = new Map((await journal.list()).map(({ name, bytes }) => [name, bytes]))
  const verifier = new Verifier(journal, sizes)
  for (const [i, segment] of found.entries()) {
    if (options.signal?.aborted) throw new AbortedError('verifying the journal', options.signal.reason)
    await verifier.segment(segment, found[i - 1], found[i + 1])
    options.onSegment?.(segment.id, i + 1, found.length)
  }
  await verifier.places(found)
  return verifier.result(found)
}

/** What a segment came to. */
interface SegmentResult {
  readonly batches: number
  readonly records: number
  readonly nextLsn: number
  readonly problems: readonly JournalProblem[]
  readonly notes: readonly JournalNote[]
  /** How the logs stand at its end; `undefined` when damage or encryption hides that. */
  readonly logs: readonly LogSummary[] | undefined
}

class Verifier {
  readonly #journal: JournalFiles
  /** Bytes of each file, by its name. */
  readonly #sizes: ReadonlyMap<string, number>
  readonly #problems: JournalProblem[] = []
  readonly #notes: JournalNote[] = []
  #problemCount = 0
  #batches = 0
  #records = 0
  #lastLsn = 0
  /** How the logs stood at the end of the segment before; `undefined` when that is not known. */
  #logs: readonly LogSummary[] | undefined

  constructor(journal: JournalFiles, sizes: ReadonlyMap<string, number>) {
    this.#journal = journal
    this.#sizes = sizes
  }

  async segment(found: FoundSegment, before: FoundSegment | undefined, after: FoundSegment | undefined): Promise<void> {
    if (before?.id !== found.id - 1) this.#logs = undefined
    const result = await this.#walk(found, before, after)
    // What was read of a segment that was freed meanwhile may be anything.
    if (result.problems.length > 0 && (await this.#journal.isFreed(found.id))) {
      this.#notes.push({ segment: found.id, offset: undefined, what: 'it was freed while it was read' })
      this.#logs = undefined
      return
    }
    for (const problem of result.problems) this.#problem(problem)
    this.#notes.push(...result.notes)
    this.#batches += result.batches
    this.#records += result.records
    this.#lastLsn = Math.max(this.#lastLsn, result.nextLsn - 1)
    this.#logs = result.logs
  }

  /** Every entry that a log has must lie in one of the files: those in front may be missing. What damage hides cannot be told from that. */
  async places(found: readonly FoundSegment[]): Promise<void> {
    const [first, last] = [found[0], found.at(-1)]
    if (first === undefined || last?.header === undefined || this.#problemCount > 0 || !this.#journal.canOpen(last.header)) return
    const lostEntries = await missingEntries(this.#journal, this.#lastLsn)
    if (lostEntries.length === 0 || (await this.#journal.isFreed(first.id))) return
    this.#problem({ ...problemAt(first.id - 1, undefined, 'the file, or one before it, is missing'), lostEntries })
  }

  result(found: readonly FoundSegment[]): JournalVerification {
    return {
      dir: this.#journal.dir,
      segments: found.length,
      batches: this.#batches,
      records: this.#records,
      firstLsn: found.find(segment => segment.header !== undefined)?.header?.firstLsn ?? 0,
      lastLsn: this.#lastLsn,
      problems: this.#problems,
      problemCount: this.#problemCount,
      notes: this.#notes,
    }
  }

  async #walk(found: FoundSegment, before: FoundSegment | undefined, after: FoundSegment | undefined): Promise<SegmentResult> {
    const short = this.#endsEarly(found)
    const problems = [...neighbourProblems(found, before), ...this.#stateProblems(found)]
    // The newest segment may have lost acknowledged records with its end; any other is known to have reached the next one, or not.
    if (short !== undefined && after === undefined) problems.push({ ...problemAt(found.id, short.offset, short.what) })
    const header = found.header ?? this.#guessHeader(found, before)
    if (header === undefined) return { batches: 0, records: 0, nextLsn: 0, problems, notes: [], logs: undefined }
    try {
      const next = after?.id === found.id + 1 ? after.header : undefined
      const until = after === undefined ? undefined : (next?.firstLsn ?? UNKNOWN_END)
      const logs = found.logs ?? this.#logs
      const end = next === undefined ? soundEnd : await this.#journal.run(lookAtFooter(this.#journal, header, next))
      const walked = await this.#journal.run(walkSegment(this.#journal, { ...found, header, logs }, until))
      const notes = [...(short === undefined || after === undefined ? [] : [short]), ...end.notes, ...walked.notes]
      return { ...walked, problems: [...problems, ...walked.problems, ...end.problems], notes }
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
      return {
        batches: 0,
        records: 0,
        nextLsn: 0,
        problems: [problemAt(found.id, undefined, 'the file is gone')],
        notes: [],
        logs: undefined,
      }
    }
  }

  /** What the header says of the logs has to be what the segment before made of them. */
  #stateProblems({ id, logs, fault }: FoundSegment): JournalProblem[] {
    if (fault !== undefined) return [problemOf(id, fault)]
    if (this.#logs === undefined || logs === undefined) return []
    const known = JSON.stringify(this.#logs, plain)
    const said = JSON.stringify(
      [...logs].sort((a, b) => a.logId - b.logId),
      plain,
    )
    return known === said ? [] : [problemAt(id, 0, 'the state of the logs in the header is not the one at the end of the segment before')]
  }

  #endsEarly({ id, header }: FoundSegment): JournalNote | undefined {
    const bytes = this.#sizes.get(`${segmentName(id)}.seg`)
    if (header === undefined || bytes === undefined || bytes >= header.bytes) return undefined
    return { segment: id, offset: bytes, what: `the file ends here instead of at ${header.bytes.toLocaleString('en-US')}` }
  }

  /** Where a header is damaged, what the segment before says helps to look at the batches all the same. */
  #guessHeader({ id }: FoundSegment, before: FoundSegment | undefined): SegmentHeader | undefined {
    if (before?.header === undefined || before.id !== id - 1) return undefined
    return { ...before.header, id, firstLsn: this.#lastLsn + 1, epoch: 0, chain: UNKNOWN_CHAIN, key: undefined }
  }

  #problem(problem: JournalProblem): void {
    this.#problemCount++
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem)
  }
}

/** Maps and bytes as what JSON can tell apart. */
function plain(_: string, value: unknown): unknown {
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  return value instanceof Uint8Array ? Array.from(value) : value
}

function problemAt(segment: number, offset: number | undefined, what: string): JournalProblem {
  return { segment, offset, what, lostLsns: undefined, lostEntries: [] }
}

/** A problem in the words of the error that an opening throws for it. */
function problemOf(segment: number, { details, message }: DisruptorError): JournalProblem {
  return problemAt(segment, Number(details.offset ?? 0), String(details.reason ?? message))
}

function neighbourProblems({ id, header }: FoundSegment, before: FoundSegment | undefined): JournalProblem[] {
  if (before === undefined) return []
  const problems: JournalProblem[] = []
  if (id === before.id + 2) problems.push(problemAt(before.id + 1, undefined, 'the file is missing'))
  if (id > before.id + 2) problems.push(problemAt(before.id + 1, undefined, `the files up to segment ${id - 1} are missing`))
  if (header !== undefined && before.header !== undefined && header.journalId.toString() !== before.header.journalId.toString())
    problems.push(problemAt(id, 0, `the segment belongs to another journal, ${header.journalId}`))
  return problems
}

function* walkSegment(
  journal: JournalFiles,
  { id, header, logs }: FoundSegment & { readonly header: SegmentHeader },
  until: number | undefined,
): FileTask<SegmentResult> {
  const walk = yield* SegmentWalk.open(journal, header, until)
  const problems: JournalProblem[] = []
  const notes: JournalNote[] = []
  const replay = journal.canOpen(header) ? new Replay(logs ?? []) : undefined
  let isSure = logs !== undefined && replay !== undefined
  if (logs === undefined) replay?.lost()
  if (!journal.canOpen(header))
    notes.push({
      segment: id,
      offset: undefined,
      what: `it is encrypted with key ${header.key?.id}, which was not given: its check sums were looked at, its records were not`,
    })
  let batches = 0
  let records = 0
  try {
    for (;;) {
      const item: WalkItem = yield* walk.next()
      if (item.kind === 'damage') {
        problems.push({ ...problemAt(id, item.offset, item.reason), lostLsns: lostLsns(item) })
        replay?.lost()
        isSure = false
      } else if (item.kind === 'batch') {
        batches++
        records += walk.source.header.count
        isSure = (yield* look(walk, replay, item.offset, problems)) && isSure
      } else {
        if (item.unfinishedBytes > 0) notes.push(unfinished(id, item.offset, item.unfinishedBytes))
        return { batches, records, nextLsn: walk.nextLsn, problems, notes, logs: isSure ? replay?.summaries() : undefined }
      }
    }
  } finally {
    yield* walk.close()
  }
}

/** What a look at the end of a full segment came to. */
type SegmentEnd = Pick<SegmentResult, 'problems' | 'notes'>

const soundEnd: SegmentEnd = { problems: [], notes: [] }

/** Every full segment should end with a footer, but for one that had no room for it; and no footer may belie the header of the next segment. */
function* lookAtFooter(journal: JournalFiles, header: SegmentHeader, next: SegmentHeader): FileTask<SegmentEnd> {
  const path = segmentPath(journal.dir, header.id)
  try {
    const footer = yield* withFile(journal.files, path, 'read', handle => readFooter(journal.files, handle, header, next))
    if (footer !== undefined) return soundEnd
  } catch (error) {
    if (!isDisruptorError(error, 'DX_JOURNAL_CORRUPT')) throw error
    return { problems: [problemOf(next.id, error)], notes: [] }
  }
  const note = 'it has no footer that can be read, so opening the journal reads all of it'
  return { problems: [], notes: [{ segment: header.id, offset: undefined, what: note }] }
}

/** Replays a batch. False when the logs are not what they should be any more. */
function* look(walk: SegmentWalk, replay: Replay | undefined, offset: number, problems: JournalProblem[]): FileTask<boolean> {
  if (replay === undefined) return true
  const { segment } = walk.source.header
  if (!(yield* walk.source.open(offset))) {
    problems.push(problemAt(segment, offset, 'the records of the batch cannot be unpacked'))
    replay.lost()
    return false
  }
  const { lost, contradiction } = replay.batch(walk.source, offset)
  const newest = problems.at(-1)
  if (lost.length > 0 && newest !== undefined) problems[problems.length - 1] = { ...newest, lostEntries: [...newest.lostEntries, ...lost] }
  if (contradiction) problems.push(problemAt(segment, offset, 'the records of the batch contradict those before'))
  return !contradiction
}

function lostLsns({ firstLsn, lastLsn }: { firstLsn: number; lastLsn: number }): { from: number; to: number } | undefined {
  return lastLsn < firstLsn ? undefined : { from: firstLsn, to: lastLsn }
}

function unfinished(segment: number, offset: number, bytes: number): JournalNote {
  const write = `${bytes.toLocaleString('en-US')} bytes of a write that is under way or never finished`
  return { segment, offset, what: `${write}; nobody was told that it was durable, and opening cuts it off` }
}
