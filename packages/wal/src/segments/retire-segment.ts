import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { segmentPath, sparePath } from './directory.ts'

/**
 * Takes a segment out of the journal: into a spare, or away. Its old bytes can never pass for new: every batch names its segment. A segment
 * that is gone already is no fault: an attempt before this one, or another thread, got as far as that.
 *
 * The directory is synced each time, so that after a crash segments are missing only from the front.
 */
export function* retireSegment(files: Files, dir: string, segment: number, spare: number | undefined): FileTask<void> {
  yield* unnameSegment(files, dir, segment, spare)
  yield* perform(files, { operation: 'sync-directory', path: dir })
}

/** The first half of {@link retireSegment}: until the directory is synced, a crash may bring the segment back. False when it was gone. */
export function* unnameSegment(files: Files, dir: string, segment: number, spare: number | undefined): FileTask<boolean> {
  const path = segmentPath(dir, segment)
  try {
    if (spare === undefined) yield* perform(files, { operation: 'remove', path })
    else yield* perform(files, { operation: 'rename', path, target: sparePath(dir, spare) })
    return true
  } catch (error) {
    if (!isGone(error)) throw error
    return false
  }
}

/** Opens a segment's file for reading; `undefined` when it is gone: it was freed since somebody asked for it. @throws the file system's error */
export function* openIfThere(files: Files, path: string): FileTask<number | undefined> {
  try {
    return (yield* perform(files, { operation: 'open', path, mode: 'read' })).result
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** Whether an error says that a file is not there. */
export function isGone(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT'
}
