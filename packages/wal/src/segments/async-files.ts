import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { withFile } from './directory.ts'

/** Files whose answers can be awaited. */
export interface AsyncFiles extends Files {
  /** Resolves when something was answered, which a poll completes, or has completed for somebody else: look, and wait again. */
  answered(): Promise<void>
}

/** Carries out a task without blocking the thread. @throws what the task throws */
export async function performAsync<T>(files: AsyncFiles, task: FileTask<T>): Promise<T> {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
    await files.answered()
  }
}

/** Bytes read at a time from a file that is read from start to end. */
const CHUNK_BYTES = 256 * 1024

/** A file from start to end, piece by piece, each in memory of its own. @throws the file system's error */
export async function* fileChunks(files: AsyncFiles, path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const { result: handle } = await performAsync(files, perform(files, { operation: 'open', path, mode: 'read' }))
  try {
    for (let position = 0; ; ) {
      const buffer = new Uint8Array(CHUNK_BYTES)
      const read = { operation: 'read', handle, buffer, offset: 0, length: CHUNK_BYTES, position } as const
      const { result } = await performAsync(files, perform(files, read))
      if (result === 0) return
      yield buffer.subarray(0, result)
      position += result
    }
  } finally {
    await performAsync(files, perform(files, { operation: 'close', handle }))
  }
}

/** The size of a file in bytes. @throws the file system's error */
export function fileBytes(files: AsyncFiles, path: string): Promise<number> {
  return performAsync(
    files,
    withFile(files, path, 'read', function* (handle) {
      return (yield* perform(files, { operation: 'size', handle })).result
    }),
  )
}
