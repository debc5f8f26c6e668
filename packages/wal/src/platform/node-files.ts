import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import type { FileRequest, Files } from '@disruptorx/contracts'
import { DirectoryLocks } from './directory-locks.ts'
import { makeDirectories } from './make-directories.ts'

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = constants
const flags = { read: O_RDONLY, write: O_RDWR, create: O_RDWR | O_CREAT, exclusive: O_RDWR | O_CREAT | O_EXCL } as const

/** Handles of locks start here, far above any file descriptor. */
const FIRST_LOCK = 2 ** 30

/** Carries out one request on the thread that asks. */
class NodeFiles implements Files {
  readonly #locks = new DirectoryLocks(FIRST_LOCK)

  submit(request: FileRequest): void {
    try {
      request.result = this.#perform(request)
      request.error = undefined
      request.state = 'done'
    } catch (error) {
      request.error = error as Error & { code?: string }
      request.state = 'failed'
    }
  }

  poll(): void {}

  #perform(request: FileRequest): number {
    switch (request.operation) {
      case 'write':
        return writeSync(request.handle, request.buffer, request.offset, request.length, request.position)
      case 'datasync':
        fdatasyncSync(request.handle)
        return 0
      case 'read':
        return readSync(request.handle, request.buffer, request.offset, request.length, request.position)
      case 'open':
        return openSync(request.path, flags[request.mode])
      case 'close':
        if (request.handle >= FIRST_LOCK) this.#locks.release(request.handle)
        else closeSync(request.handle)
        return 0
      case 'size':
        return fstatSync(request.handle).size
      case 'truncate':
        ftruncateSync(request.handle, request.length)
        return 0
      case 'lock':
        return this.#locks.acquire(request.path)
      default:
        return this.#performOnNames(request)
    }
  }

  #performOnNames(request: FileRequest): number {
    switch (request.operation) {
      case 'rename':
        renameSync(request.path, request.target)
        return 0
      case 'remove':
        rmSync(request.path)
        return 0
      case 'list':
        request.names = readdirSync(request.path).sort()
        return request.names.length
      case 'make-directory':
        makeDirectories(request.path)
        return 0
      default:
        return syncDirectory(request.path)
    }
  }
}

function syncDirectory(path: string): number {
  const handle = openSync(path, O_RDONLY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return 0
}

/**
 * The file system of this machine. Requests complete inside `submit`, so the calling thread waits for the disk: meant for a
 * journal's own thread.
 *
 * `lock` is the operating system's and ends with the process that holds it, however that ends. Beside the lock file lies a file with the
 * holder's process id; a refusal's error carries it as `pid`.
 */
export function nodeFiles(): Files {
  return new NodeFiles()
}
