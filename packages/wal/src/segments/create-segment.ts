import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { segmentName } from '../errors.ts'
import type { EncodedHeader, SegmentHeader } from '../format/segment-header.ts'
import { segmentPath, sparePath, unfinishedPath, writeZeros } from './directory.ts'
import { writeFully } from './window.ts'

/** A file that becomes a segment: a spare, or one made here and now, filled with zeros or left sparse. */
export type SegmentSource = { readonly spare: number } | { readonly make: 'zeros' | 'sparse' }

/** Writes the first batches of a new segment into its file, before anybody can see it. */
export type FirstBatches = (handle: number, header: SegmentHeader) => FileTask<void>

/**
 * Makes a segment and returns the handle of its file.
 *
 * It gets its name only after its header, and the batches that it starts with, are durable, and the name is durable when this returns: a batch in a
 * segment that a crash un-names would be lost.
 */
export function* createSegment(
  files: Files,
  dir: string,
  { header, bytes }: EncodedHeader,
  source: SegmentSource,
  firstBatches?: FirstBatches,
): FileTask<number> {
  const path = 'spare' in source ? sparePath(dir, source.spare) : unfinishedPath(dir, segmentName(header.id))
  const handle = (yield* perform(files, { operation: 'open', path, mode: 'spare' in source ? 'write' : 'create' })).result
  try {
    // A spare has that size already, unless somebody has cut its file short since: a segment that is shorter than its header says would be refused.
    yield* perform(files, { operation: 'truncate', handle, length: header.bytes })
    if ('make' in source && source.make === 'zeros') yield* writeZeros(files, handle, header.bytes)
    yield* writeFully(files, handle, bytes, 0, bytes.length, 0)
    if (firstBatches !== undefined) yield* firstBatches(handle, header)
    yield* perform(files, { operation: 'datasync', handle })
  } catch (error) {
    yield* discard(files, handle, 'spare' in source ? undefined : path)
    throw error
  }
  yield* perform(files, { operation: 'rename', path, target: segmentPath(dir, header.id) })
  yield* perform(files, { operation: 'sync-directory', path: dir })
  return handle
}

/** Lets go of what could not be finished, and of its room: a disk that is full has need of it. */
function* discard(files: Files, handle: number, path: string | undefined): FileTask<void> {
  try {
    yield* perform(files, { operation: 'close', handle })
    if (path !== undefined) yield* perform(files, { operation: 'remove', path })
  } catch {
    // The next opening removes it.
  }
}
