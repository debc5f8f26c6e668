import { join } from 'node:path'
import type { FileOperation, FileRequest } from 'disruptorx/contracts'
import { nodeFiles } from 'disruptorx/wal'
import { DataDirError } from '../cli/errors.ts'

/** The file whose lock a command holds while it works in a data directory. Beside it lies one with the holder's process id. */
export const LOCK_FILE = 'command.lock'

/**
 * Locks a data directory against other commands; the lock ends with this process, however it ends, or when it is disposed of.
 *
 * @throws {DataDirError} a living process holds it
 */
export function lockDataDir(directory: string): Disposable {
  const files = nodeFiles()
  const run = (fields: Partial<FileRequest> & { operation: FileOperation }): FileRequest => {
    const request = requestOf(fields)
    // These files complete inside submit.
    files.submit(request)
    if (request.state === 'failed') throw request.error
    return request
  }
  try {
    const { result: handle } = run({ operation: 'lock', path: join(directory, LOCK_FILE) })
    return { [Symbol.dispose]: () => void run({ operation: 'close', handle }) }
  } catch (error) {
    throw lockError(directory, error)
  }
}

function requestOf(fields: Partial<FileRequest> & { operation: FileOperation }): FileRequest {
  const blank = { path: '', target: '', mode: 'read', handle: -1, buffer: new Uint8Array(0), offset: 0, length: 0, position: 0 } as const
  return { ...blank, state: 'idle', result: 0, names: [], error: undefined, ...fields }
}

function lockError(directory: string, error: unknown): unknown {
  const { code, pid } = error as { code?: unknown; pid?: unknown }
  if (code === 'EBUSY') {
    const holder = typeof pid === 'number' ? `process ${pid}` : 'another process'
    return new DataDirError(`data directory ${directory} is in use by ${holder}; end that one, or name another directory with --data-dir`, {
      directory,
      pid: typeof pid === 'number' ? pid : undefined,
    })
  }
  // SQLite, whose lock it is, has words but no system code for a directory that cannot be written.
  if (code === 'ERR_SQLITE_ERROR')
    return new DataDirError(`cannot lock data directory ${directory}: ${(error as Error).message}; is it writable?`, { directory })
  return error
}
