import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { segmentName } from '../errors.ts'
import { encodeSegmentHeader, type SegmentHeader } from '../format/segment-header.ts'
import { segmentPath, sparePath, unfinishedPath, writeZeros } from './directory.ts'
import { writeFully } from './window.ts'

/** A file that becomes a segment: a spare, or one made here and now, filled with zeros or left sparse. */
export type SegmentSource = { readonly spare: number } | { readonly make: 'zeros' | 'sparse' }

/**
 * Makes a segment and returns the handle of its file.
 *
 * It gets its name only after its header is durable, and the name is durable when this returns: a batch in a segment that a crash
 * un-names would be lost.
 */
export function* createSegment(files: Files, dir: string, header: SegmentHeader, source: SegmentSource): FileTask<number> {
  const path = 'spare' in source ? sparePath(dir, source.spare) : unfinishedPath(dir, segmentName(header.id))
  const handle = (yield* perform(files, { operation: 'open', path, mode: 'spare' in source ? 'write' : 'create' })).result
  if ('make' in source) {
    yield* perform(files, { operation: 'truncate', handle, length: header.bytes })
    if (source.make === 'zeros') yield* writeZeros(files, handle, header.bytes)
  }
  const sector = encodeSegmentHeader(header)
  yield* writeFully(files, handle, sector, 0, sector.length, 0)
  yield* perform(files, { operation: 'datasync', handle })
  yield* perform(files, { operation: 'rename', path, target: segmentPath(dir, header.id) })
  yield* perform(files, { operation: 'sync-directory', path: dir })
  return handle
}
