import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a directory with those above it. Returns the topmost one that was made, if there is one. @throws the file system's error */
export function makeDirectories(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true })
  } catch (error) {
    // Node says ENOENT where the system said that the file system is read-only.
    let existing = dirname(path)
    while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing)
    accessSync(existing, constants.W_OK)
    throw error
  }
}
