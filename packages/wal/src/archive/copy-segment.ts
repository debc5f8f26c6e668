import type { Archive } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import { crc32 } from '@disruptorx/contracts/internal'
import { JournalCorruptError } from '../errors.ts'
import type { Keys } from '../format/keys.ts'
import { type AsyncFiles, fileChunks } from '../segments/async-files.ts'
import { ArchiveDamagedError, ArchiveDivergedError } from './errors.ts'
import { cardObject, onePiece, readObject, segmentObject } from './objects.ts'
import { decodeCard, encodeCard, MOST_CARD_BYTES, type SegmentCard } from './segment-card.ts'
import { SegmentHistory } from './segment-history.ts'
import { SegmentStream } from './segment-stream.ts'

/** A full segment of a journal, to be archived. */
export interface FullSegment {
  readonly id: number
  readonly path: string
  /** The LSN of its last record: the next segment starts behind it. */
  readonly lastLsn: number
}

/** What archiving works with. */
export interface CopyParts {
  readonly files: AsyncFiles
  readonly archive: Archive
  readonly keys: Keys
  readonly journalId: string
}

/**
 * Archives a segment: copies its file, reads the copy back and checks every batch of it, and says only then that it is there, by its card. Done again after a
 * crash at any point, it comes to the same.
 *
 * @throws {ArchiveDamagedError} the copy is not what was put there
 * @throws {JournalCorruptError} the segment itself is damaged; and what files or archive throw
 */
export async function copySegment(
  { files, archive, keys, journalId }: CopyParts,
  segment: FullSegment,
  signal: AbortSignal,
): Promise<SegmentCard> {
  const { id, path } = segment
  const name = segmentObject(id)
  const sent = { bytes: 0, crc: 0 }
  await archive.put(name, tallied(fileChunks(files, path), sent), signal)
  signal.throwIfAborted()
  const found = await lookThrough(archive.get(name, signal), segment, keys)
  signal.throwIfAborted()
  const { firstLsn, bytes, crc, logs, damage } = found
  if (found.bytes !== sent.bytes || found.crc !== sent.crc) throw new ArchiveDamagedError(name, 'it is not what was put there')
  // The copy is true to a segment that is damaged itself.
  if (damage !== undefined) throw new JournalCorruptError({ segment: id, ...damage })
  const card = { journalId, segment: id, firstLsn, lastLsn: segment.lastLsn, bytes, crc, logs }
  await archive.put(cardObject(id), onePiece(encodeCard(card)), signal)
  signal.throwIfAborted()
  return await readCard(archive, id, signal)
}

/**
 * Makes sure that a segment that a card says to be archived has the records that were.
 *
 * @throws {ArchiveDivergedError} it has others
 * @throws {ArchiveDamagedError} {@link JournalCorruptError}, and what files or archive throw
 */
export async function checkArchived(parts: CopyParts, segment: FullSegment, card: SegmentCard, signal: AbortSignal): Promise<void> {
  const { files, journalId } = parts
  const local = { bytes: 0, crc: 0 }
  for await (const _ of tallied(fileChunks(files, segment.path), local));
  if (card.journalId !== journalId || card.lastLsn !== segment.lastLsn) throw new ArchiveDivergedError(segment.id)
  if (card.bytes === local.bytes && card.crc === local.crc) return
  // Behind its last record a segment may have what was never on stable storage, and shows as long as the system keeps it in memory.
  if (!(await hasSameRecords(parts, segment, card, signal))) throw new ArchiveDivergedError(segment.id)
}

async function hasSameRecords({ files, archive, keys }: CopyParts, segment: FullSegment, card: SegmentCard, signal: AbortSignal) {
  const name = segmentObject(segment.id)
  const there = await lookThrough(archive.get(name, signal), segment, keys, true)
  if (there.damage !== undefined || there.bytes !== card.bytes || there.crc !== card.crc)
    throw new ArchiveDamagedError(name, 'it is not what was put there')
  const here = await lookThrough(fileChunks(files, segment.path), segment, keys, true)
  if (here.damage !== undefined) throw new JournalCorruptError({ segment: segment.id, ...here.damage })
  return here.firstLsn === there.firstLsn && here.chain === there.chain
}

/** As {@link readCard}; `undefined` when the card is damaged: then the segment, which is still here, is archived once more. */
export async function readCardOrNone(archive: Archive, segment: number, signal: AbortSignal): Promise<SegmentCard | undefined> {
  try {
    return await readCard(archive, segment, signal)
  } catch (error) {
    if (!isDisruptorError(error, 'DX_ARCHIVE_DAMAGED')) throw error
    return undefined
  }
}

/** Reads what is known of an archived segment. @throws {ArchiveDamagedError}, and what the archive throws */
export async function readCard(archive: Archive, segment: number, signal?: AbortSignal): Promise<SegmentCard> {
  return decodeCard(await readObject(archive.get(cardObject(segment), signal), MOST_CARD_BYTES), segment)
}

/** What looking through a segment came to. */
interface Looked extends Pick<SegmentCard, 'firstLsn' | 'bytes' | 'crc' | 'logs'> {
  readonly batches: number
  readonly records: number
  /** The same for two segments with the same records. */
  readonly chain: number
  /** Whether its records could not be looked at, because they are encrypted with a key that was not given. */
  readonly isBlind: boolean
  /** The first thing that is wrong with it. */
  readonly damage: { readonly offset: number; readonly reason: string } | undefined
}

/**
 * Checks every batch of a segment up to its last record, and finds out what it holds of each log.
 *
 * @param mayBeBlind whether the check sums are enough, when the key was not given
 * @throws {KeyError}, and what the source throws
 */
export async function lookThrough(
  content: AsyncIterable<Uint8Array>,
  { id, lastLsn }: Pick<FullSegment, 'id' | 'lastLsn'>,
  keys: Keys,
  mayBeBlind = false,
): Promise<Looked> {
  const stream = new SegmentStream(content, id, keys, mayBeBlind)
  const history = new SegmentHistory()
  let firstLsn = 0
  let batches = 0
  let damage: Looked['damage']
  try {
    firstLsn = (await stream.open()).header.firstLsn
    while (stream.nextLsn <= lastLsn && (await stream.next())) {
      batches++
      while (stream.record.next()) history.take(stream.record, stream.position)
    }
    const reason = stream.nextLsn > lastLsn + 1 ? 'it goes on behind its last record' : stream.reason
    if (reason !== '') damage = { offset: stream.offset, reason }
  } catch (error) {
    if (!isDisruptorError(error, 'DX_JOURNAL_CORRUPT')) throw error
    damage = { offset: Number(error.details.offset), reason: String(error.details.reason) }
  }
  try {
    const records = Math.max(0, stream.nextLsn - firstLsn)
    const { chain, isBlind } = stream
    return { firstLsn, logs: history.logs, batches, records, chain, isBlind, damage, ...(await stream.rest()) }
  } finally {
    await stream.close()
  }
}

async function* tallied(
  chunks: AsyncIterable<Uint8Array>,
  tally: { bytes: number; crc: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    tally.bytes += chunk.length
    tally.crc = crc32(chunk, 0, chunk.length, tally.crc)
    yield chunk
  }
}
