import { AbortedError, type Archive, isDisruptorError } from '@disruptorx/contracts'
import { lookThrough, readCard } from '../archive/copy-segment.ts'
import { JOURNAL_OBJECT, numbersOf, segmentObject } from '../archive/objects.ts'
import { journalOf } from '../archive/own-archive.ts'
import type { SegmentCard } from '../archive/segment-card.ts'
import type { SegmentRuns } from '../format/footer.ts'
import type { Keys } from '../format/keys.ts'
import { cipherKeys } from '../platform/cipher.ts'
import { directoryArchive } from '../platform/directory-archive.ts'
import { listFiles } from '../platform/tools-files.ts'
import type { JournalNote, JournalProblem, JournalVerification, VerifyOptions } from './verification.ts'

/** Whether a directory is one that segments were archived in. */
export async function isArchive(dir: string): Promise<boolean> {
  return looksArchived((await listFiles(dir).catch(() => [])).map(({ name }) => name))
}

/** Whether files with such names are an archive. */
export function looksArchived(names: readonly string[]): boolean {
  return names.includes(JOURNAL_OBJECT) || (!names.includes('lock') && numbersOf(names, '.json').length > 0)
}

/** Looks at every byte of an archive in a directory. @throws {AbortedError} {@link KeyError}, or the file system's error */
export async function verifyArchive(dir: string, options: VerifyOptions): Promise<JournalVerification> {
  const archive = directoryArchive(dir)
  const names = await archive.list('')
  const cards = new Set(numbersOf(names, '.json'))
  const segments = new Set(numbersOf(names, '.seg'))
  const ids = [...new Set([...cards, ...segments])].sort((a, b) => a - b)
  const verifier = new ArchiveVerifier(archive, cipherKeys(options.encryption))
  await verifier.journal(ids[0] ?? 0)
  for (const [i, id] of ids.entries()) {
    if (options.signal?.aborted) throw new AbortedError('verifying the archive', options.signal.reason)
    await verifier.segment(id, cards.has(id), segments.has(id))
    options.onSegment?.(id, i + 1, ids.length)
  }
  return verifier.result(dir, ids.length)
}

class ArchiveVerifier {
  readonly #archive: Archive
  readonly #keys: Keys
  readonly #problems: JournalProblem[] = []
  readonly #notes: JournalNote[] = []
  #journalId: string | undefined
  #before: SegmentCard | undefined
  /** The segment before, whatever is wrong with it. */
  #beforeId: number | undefined
  #batches = 0
  #records = 0
  #firstLsn = 0

  constructor(archive: Archive, keys: Keys) {
    this.#archive = archive
    this.#keys = keys
  }

  /** @param first the oldest segment, of which a problem with the whole is said */
  async journal(first: number): Promise<void> {
    try {
      this.#journalId = await journalOf(this.#archive)
    } catch (error) {
      this.#problem(first, `${JOURNAL_OBJECT}: ${reasonOf(error)}`)
    }
  }

  async segment(id: number, hasCard: boolean, hasContent: boolean): Promise<void> {
    if (!hasCard) {
      this.#notes.push({ segment: id, offset: undefined, what: 'it is not archived yet: the copying was interrupted, and is done again' })
      return
    }
    if (this.#beforeId !== undefined && this.#beforeId + 1 < id) this.#problem(this.#beforeId + 1, 'it was given up, or is missing')
    this.#beforeId = id
    const card = await this.#card(id)
    if (card === undefined) return
    if (this.#firstLsn === 0) this.#firstLsn = card.firstLsn
    if (!hasContent) this.#problem(id, 'the file is missing', undefined, card)
    else await this.#content(card)
    this.#before = card
  }

  result(dir: string, segments: number): JournalVerification {
    return {
      dir,
      segments,
      batches: this.#batches,
      records: this.#records,
      firstLsn: this.#firstLsn,
      lastLsn: this.#before?.lastLsn ?? 0,
      problems: this.#problems.slice(0, 1000),
      problemCount: this.#problems.length,
      notes: this.#notes,
    }
  }

  async #card(id: number): Promise<SegmentCard | undefined> {
    let card: SegmentCard
    try {
      card = await readCard(this.#archive, id)
    } catch (error) {
      this.#problem(id, `its card: ${reasonOf(error)}`)
      return undefined
    }
    const before = this.#before
    if (this.#journalId !== undefined && card.journalId !== this.#journalId)
      this.#problem(id, `it belongs to another journal, ${card.journalId}`)
    if (before !== undefined && before.segment + 1 === id && before.lastLsn + 1 !== card.firstLsn)
      this.#problem(id, `it starts with LSN ${card.firstLsn} where ${before.lastLsn + 1} belongs`)
    return card
  }

  async #content(card: SegmentCard): Promise<void> {
    const { segment: id, lastLsn } = card
    const found = await lookThrough(this.#archive.get(segmentObject(id)), { id, lastLsn }, this.#keys, true)
    this.#batches += found.batches
    this.#records += found.records
    if (found.isBlind)
      this.#notes.push({
        segment: id,
        offset: undefined,
        what: 'it is encrypted with a key that was not given: its check sums were looked at, its records were not',
      })
    const { damage } = found
    const from = card.firstLsn + found.records
    if (damage !== undefined) this.#problem(id, damage.reason, damage.offset, { firstLsn: from, lastLsn })
    else if (found.bytes !== card.bytes || found.crc !== card.crc) this.#problem(id, 'it is not what was put there; its batches are good')
    else if (!found.isBlind && card.logs !== undefined && listOf(card.logs) !== listOf(found.logs ?? []))
      this.#problem(id, 'its card does not say what it holds')
  }

  #problem(segment: number, what: string, offset?: number, lost?: { readonly firstLsn: number; readonly lastLsn: number }): void {
    const lostLsns = lost === undefined || lost.lastLsn < lost.firstLsn ? undefined : { from: lost.firstLsn, to: lost.lastLsn }
    this.#problems.push({ segment, offset, what, lostLsns, lostEntries: [] })
  }
}

/** What a card and a look say of logs alike. */
function listOf(logs: readonly SegmentRuns[]): string {
  return JSON.stringify(
    logs.map(({ logId, keep, runs }) => [logId, keep, runs.map(({ first, last, term, lsn }) => [first, last, term, lsn])]),
  )
}

/** @throws an error that is not about what the archive holds */
function reasonOf(error: unknown): string {
  if (!isDisruptorError(error, 'DX_ARCHIVE_DAMAGED')) throw error
  return String(error.details.reason)
}
