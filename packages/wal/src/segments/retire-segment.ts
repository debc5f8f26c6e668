import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { segmentPath, sparePath } from './directory.ts'

/**
 * Takes a segment out of the journal: into a spare, or away. Its old bytes can never pass for new: every batch names its segment.
 *
 * The directory is synced each time, so that after a crash segments are missing only from the front.
 */
export function* retireSegment(files: Files, dir: string, segment: number, spare: number | undefined): FileTask<void> {
  const path = segmentPath(dir, segment)
  if (spare === undefined) yield* perform(files, { operation: 'remove', path })
  else yield* perform(files, { operation: 'rename', path, target: sparePath(dir, spare) })
  yield* perform(files, { operation: 'sync-directory', path: dir })
}
