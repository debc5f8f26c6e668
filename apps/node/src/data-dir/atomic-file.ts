import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What an atomic write leaves behind when the machine stops in its midst; the next write takes its place. */
export const TEMPORARY_SUFFIX = '.tmp'

/**
 * Replaces a file by new content, wholly or not at all, even when the machine stops: the bytes are on disk before they take the name, and the
 * name is on disk when this resolves.
 */
export async function writeFileAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = path + TEMPORARY_SUFFIX
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  await syncDirectory(dirname(path))
}

/** Makes the names in a directory durable. Systems that cannot open a directory keep names their own way. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
