import type { Archive } from '@disruptorx/contracts'
import { ArchiveDamagedError, ForeignArchiveError } from './errors.ts'
import { JOURNAL_OBJECT, numbersOf, onePiece, readObject, segmentObject } from './objects.ts'
import { decodeJournal, encodeJournal } from './segment-card.ts'

/** Most bytes of the object that names the journal. */
const MOST_BYTES = 4096

/** Which journal an archive is of; `undefined` when it was never used. @throws {ArchiveDamagedError}, and what the archive throws */
export async function journalOf(archive: Archive, signal?: AbortSignal): Promise<string | undefined> {
  const names = await archive.list('', signal)
  const isThere = names.includes(JOURNAL_OBJECT)
  const journalId = isThere ? decodeJournal(await readObject(archive.get(JOURNAL_OBJECT, signal), MOST_BYTES)) : undefined
  // It is written first, and read back: without it, an archive that holds segments has lost it, and any other is nobody's yet.
  if (journalId !== undefined || numbersOf(names, '.seg').length === 0) return journalId
  throw new ArchiveDamagedError(JOURNAL_OBJECT, isThere ? 'it is not what was put there' : 'it is missing, though there are segments')
}

/**
 * Makes an archive a journal's own, if it is nobody's, and removes what was left unfinished. Returns the segments that it holds, ascending.
 *
 * @throws {ForeignArchiveError} it is another journal's; {@link ArchiveDamagedError}, and what the archive throws
 */
export async function adoptArchive(archive: Archive, journalId: string, signal: AbortSignal): Promise<number[]> {
  const found = await journalOf(archive, signal)
  signal.throwIfAborted()
  if (found === undefined) await claim(archive, journalId, signal)
  else if (found !== journalId) throw new ForeignArchiveError(journalId, found)
  const names = await archive.list('', signal)
  const known = numbersOf(names, '.json')
  // The removal of a segment was interrupted. One that was being put is put again.
  const oldest = known[0] ?? 0
  for (const id of numbersOf(names, '.seg')) {
    signal.throwIfAborted()
    if (id < oldest) await archive.remove(segmentObject(id), signal)
  }
  return known
}

async function claim(archive: Archive, journalId: string, signal: AbortSignal): Promise<void> {
  await archive.put(JOURNAL_OBJECT, onePiece(encodeJournal(journalId)), signal)
  const found = decodeJournal(await readObject(archive.get(JOURNAL_OBJECT, signal), MOST_BYTES))
  if (found === journalId) return
  // So that the next attempt puts it again.
  await archive.remove(JOURNAL_OBJECT, signal)
  throw new ArchiveDamagedError(JOURNAL_OBJECT, 'it is not what was put there')
}
