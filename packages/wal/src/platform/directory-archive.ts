import type { Archive } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import { FileArchive } from '../archive/file-archive.ts'
import { AsyncWritableFiles } from './async-writable-files.ts'

/**
 * An archive in a directory, which may be a mounted file system of another machine: one file for each name, which gets its name when it is on stable storage.
 *
 * @param dir made when something is put into it
 * @throws {OptionError}
 */
export function directoryArchive(dir: string): Archive {
  return new FileArchive(nonEmptyText('dir', dir), new AsyncWritableFiles())
}
