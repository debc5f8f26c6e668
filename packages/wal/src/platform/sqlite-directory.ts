import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { makeDirectories } from './make-directories.ts'

/** What file systems say that have no use for the sync of a directory. */
const cannotSync = new Set<unknown>(['EINVAL', 'EROFS', 'EPERM', 'EACCES'])

/** Makes a directory, with those above it, so that a crash cannot take it back. @throws the file system's error */
export function makeDirectory(dir: string): void {
  const first = makeDirectories(dir)
  if (first === undefined) return
  const top = dirname(resolve(first))
  for (let path = dirname(resolve(dir)); ; path = dirname(path)) {
    syncDirectory(path)
    if (path === top || path === dirname(path)) return
  }
}

/** Puts on stable storage which files a directory has. */
export function syncDirectory(path: string): void {
  try {
    const handle = openSync(path, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (!cannotSync.has((error as { code?: unknown }).code)) throw error
  }
}
