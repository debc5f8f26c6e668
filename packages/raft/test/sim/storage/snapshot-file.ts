import { crc32 } from 'node:zlib'
import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import type { EntryId, Snapshot } from '../../../src/index.ts'

/** Where snapshots lie: beside the journal. */
export const SNAPSHOT_DIR = 's'

const decoder = new TextDecoder()

/** A snapshot's file does not hold what was written. */
export class SnapshotDamagedError extends Error {}

/** Where a snapshot lies. */
export function snapshotPath({ index, term }: EntryId): string {
  return `${SNAPSHOT_DIR}/${index}-${term}`
}

/** Writes a snapshot, and returns when it is on stable storage, under its name. */
export function* writeSnapshot(files: Files, snapshot: Snapshot): FileTask<void> {
  const body = new TextEncoder().encode(JSON.stringify({ ...snapshot, data: [...snapshot.data] }))
  const bytes = new Uint8Array(8 + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, body.length, true)
  view.setUint32(4, crc32(body), true)
  bytes.set(body, 8)
  const { result: handle } = yield* perform(files, { operation: 'open', path: snapshotPath(snapshot), mode: 'create' })
  try {
    for (let at = 0; at < bytes.length; ) {
      const fields = { buffer: bytes, offset: at, length: bytes.length - at, position: at }
      at += (yield* perform(files, { operation: 'write', handle, ...fields })).result
    }
    yield* perform(files, { operation: 'datasync', handle })
  } finally {
    yield* perform(files, { operation: 'close', handle })
  }
  yield* perform(files, { operation: 'sync-directory', path: SNAPSHOT_DIR })
}

/** Reads a snapshot. @throws {SnapshotDamagedError} it is not what was written, or not there */
export function* readSnapshot(files: Files, id: EntryId): FileTask<Snapshot> {
  const bytes = yield* readFile(files, snapshotPath(id))
  const view = new DataView(bytes.buffer)
  const length = bytes.length < 8 ? 0 : view.getUint32(0, true)
  const body = bytes.subarray(8, 8 + length)
  if (length === 0 || body.length < length || crc32(body) !== view.getUint32(4, true))
    throw new SnapshotDamagedError(`the snapshot of entry ${id.index} is damaged`)
  const { data, ...rest } = JSON.parse(decoder.decode(body)) as Omit<Snapshot, 'data'> & { readonly data: readonly number[] }
  return { ...rest, data: Uint8Array.from(data) }
}

function* readFile(files: Files, path: string): FileTask<Uint8Array> {
  const { result: handle } = yield* perform(files, { operation: 'open', path, mode: 'read' })
  try {
    const buffer = new Uint8Array((yield* perform(files, { operation: 'size', handle })).result)
    let at = 0
    while (at < buffer.length) {
      const fields = { buffer, offset: at, length: buffer.length - at, position: at }
      const { result } = yield* perform(files, { operation: 'read', handle, ...fields })
      if (result === 0) break
      at += result
    }
    return buffer.slice(0, at)
  } finally {
    yield* perform(files, { operation: 'close', handle })
  }
}

/** Removes the snapshots that a newer one has made useless. One without a mark that is newer still may be about to get it. */
export function* dropOlder(files: Files, kept: EntryId | undefined): FileTask<void> {
  const { names } = yield* perform(files, { operation: 'list', path: SNAPSHOT_DIR })
  for (const name of names)
    if (Number.parseInt(name, 10) < (kept?.index ?? 0)) yield* perform(files, { operation: 'remove', path: `${SNAPSHOT_DIR}/${name}` })
}
