import { type Archive, isDisruptorError } from '@disruptorx/contracts'
import type { SegmentRuns } from '../format/footer.ts'
import type { Keys } from '../format/keys.ts'
import type { RunList } from '../logs/runs.ts'
import { isGone } from '../segments/retire-segment.ts'
import { lookThrough, readCard } from './copy-segment.ts'
import { ArchiveDamagedError } from './errors.ts'
import type { LocalSegments } from './local-segments.ts'
import { cardObject, numbersOf, segmentObject } from './objects.ts'
import { joinHistories } from './segment-history.ts'

/** How often a look begins anew when segments go meanwhile. */
const ATTEMPTS = 20

/** A segment whose records are known, and where it can be read. */
export interface KnownSegment {
  readonly segment: number
  readonly firstLsn: number
  readonly lastLsn: number
  readonly logs: readonly SegmentRuns[]
  readonly place: 'archive' | 'journal'
}

/** The segments of an archive, and of the journal's directory where that was given: what they hold of each log. */
export class ArchivedSegments {
  readonly #archive: Archive
  readonly #keys: Keys
  readonly #journalId: string
  readonly #local: LocalSegments | undefined
  #archived = new Map<number, KnownSegment>()
  #all: readonly KnownSegment[] = []
  #logs = new Map<number, RunList>()

  constructor(archive: Archive, keys: Keys, journalId: string, local: LocalSegments | undefined) {
    this.#archive = archive
    this.#keys = keys
    this.#journalId = journalId
    this.#local = local
  }

  /** Segments that follow one another to the newest, oldest first. What lies before a gap is left out: nobody can say which of it was replaced in the gap. */
  get all(): readonly KnownSegment[] {
    return this.#all
  }

  /** Where the entries of each log lie. */
  get logs(): ReadonlyMap<number, RunList> {
    return this.#logs
  }

  /** Looks at what has come and gone since the last look. @throws {ArchiveDamagedError} {@link JournalCorruptError} {@link KeyError}, and what archive and files throw */
  async refresh(signal?: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#look(signal)
      } catch (error) {
        if (attempt === ATTEMPTS || !(await this.#isOfFreed(error))) throw error
      }
    }
  }

  /** Looks anew, and tells whether a segment is now elsewhere than it was, or gone. @throws as {@link refresh} */
  async hasMoved({ segment, place }: KnownSegment, signal?: AbortSignal): Promise<boolean> {
    await this.refresh(signal)
    return this.#all.find(known => known.segment === segment)?.place !== place
  }

  /** The bytes of a segment. @throws what the archive or the files throw */
  read({ segment, place }: KnownSegment, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    if (place === 'journal' && this.#local !== undefined) return this.#local.read(segment)
    return this.#archive.get(segmentObject(segment), signal)
  }

  /** Whether an error comes from a file that was freed since it was listed: what was read of it may be anything, and it is archived by then. */
  async #isOfFreed(error: unknown): Promise<boolean> {
    if (isGone(error)) return this.#local !== undefined
    if (this.#local === undefined || !isDisruptorError(error, 'DX_JOURNAL_CORRUPT')) return false
    return !(await this.#local.holds(Number(error.details.segment)))
  }

  async #look(signal: AbortSignal | undefined): Promise<void> {
    // First what is here: what is freed meanwhile is in the archive then.
    const headers = (await this.#local?.headers()) ?? []
    const found = new Map<number, KnownSegment>()
    for (const id of numbersOf(await this.#archive.list('', signal), '.json')) {
      found.set(id, this.#archived.get(id) ?? (await this.#readCard(id, signal)))
      signal?.throwIfAborted()
    }
    this.#archived = new Map(found)
    for (const [i, { id }] of headers.entries()) {
      if (this.#local === undefined || found.has(id)) continue
      found.set(id, await this.#local.lookThrough(id, headers[i + 1]))
      signal?.throwIfAborted()
    }
    this.#all = connected([...found.values()].sort((a, b) => a.segment - b.segment))
    this.#logs = joinHistories(this.#all.map(({ logs }) => logs))
  }

  async #readCard(id: number, signal: AbortSignal | undefined): Promise<KnownSegment> {
    const card = await readCard(this.#archive, id, signal)
    if (card.journalId !== this.#journalId) throw new ArchiveDamagedError(cardObject(id), `it is of journal ${card.journalId}`)
    const { segment, firstLsn, lastLsn } = card
    const logs = card.logs ?? (await this.#lookThrough(id, lastLsn, signal))
    return { segment, firstLsn, lastLsn, logs, place: 'archive' }
  }

  async #lookThrough(id: number, lastLsn: number, signal: AbortSignal | undefined): Promise<readonly SegmentRuns[]> {
    const { logs, damage } = await lookThrough(this.#archive.get(segmentObject(id), signal), { id, lastLsn }, this.#keys)
    if (damage !== undefined) throw new ArchiveDamagedError(segmentObject(id), damage.reason, damage.offset)
    return logs ?? []
  }
}

/** The segments that follow one another to the last. */
function connected(segments: readonly KnownSegment[]): readonly KnownSegment[] {
  let first = segments.length - 1
  while (first > 0 && follows(segments[first - 1] as KnownSegment, segments[first] as KnownSegment)) first--
  return segments.slice(Math.max(0, first))
}

function follows(before: KnownSegment, { segment, firstLsn }: KnownSegment): boolean {
  return before.segment === segment - 1 && before.lastLsn === firstLsn - 1
}
