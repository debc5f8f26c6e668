import type { Archive } from '@disruptorx/contracts'
import { NoArchiveError } from '../archive/errors.ts'
import { JournalArchive, type ReadableLogs } from '../archive/journal-archive.ts'
import { LocalSegments } from '../archive/local-segments.ts'
import { journalOf } from '../archive/own-archive.ts'
import type { KeySet } from '../format/keys.ts'
import { AsyncNodeFiles } from './async-node-files.ts'
import { cipherKeys } from './cipher.ts'
import { directoryArchive } from './directory-archive.ts'

/** How an archive is read. */
export interface OpenArchiveOptions {
  /** The keys that the journal's batches are encrypted with, as its option `encryption`. @default none */
  readonly encryption?: KeySet
  /** The open journal that the archive is of, and its directory: reading goes on there. @default the archive alone is read */
  readonly live?: { readonly dir: string; readonly journal: ReadableLogs }
}

/**
 * Opens the archive of a journal, to read from it. Writes nothing, and takes no lock.
 *
 * @param archive what the journal was opened with as `archive.to`; the directory of a `directoryArchive`
 * @example
 * const archive = await openArchive('/mnt/archive/node-1', { live: { dir: './node-1', journal } })
 * for await (const entries of archive.read(7, 1)) console.log(entries)
 *
 * @throws {NoArchiveError} {@link ForeignArchiveError} {@link ArchiveDamagedError} {@link KeyError}, and what the archive throws
 */
export async function openArchive(archive: Archive | string, { encryption, live }: OpenArchiveOptions = {}): Promise<JournalArchive> {
  const source = typeof archive === 'string' ? directoryArchive(archive) : archive
  const journalId = await journalOf(source)
  if (journalId === undefined) throw new NoArchiveError()
  const keys = cipherKeys(encryption)
  const local = live === undefined ? undefined : new LocalSegments(new AsyncNodeFiles(), live.dir, keys, journalId)
  const opened = new JournalArchive({ archive: source, keys, journalId, local, journal: live?.journal })
  await opened.refresh()
  return opened
}
