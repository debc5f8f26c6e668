import { createHash } from 'node:crypto'
import { open, realpath, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { SourceError } from '../cli/errors.ts'

const CHUNK_BYTES = 65_536

/** Bytes of a file or of standard input, in order. */
export interface ByteSource {
  /** How messages name it. */
  readonly name: string
  /** What tells it from other sources: the file's real path; `-` for standard input. */
  readonly identity: string
  /** A name for a directory of its own. */
  readonly folder: string
  /** Its size, where that is known. */
  readonly sizeBytes: number | undefined
  /** The next bytes; undefined at the end. Rejects when the signal is aborted. @throws {SourceError} it cannot be read */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** Opens FILE, or standard input for `-`. @throws {SourceError} it is missing, no regular file, empty, or cannot be read */
export async function openByteSource(path: string, cwd: string, stdin: () => Readable): Promise<ByteSource> {
  return path === '-' ? stdinSource(stdin()) : fileSource(path, cwd)
}

async function fileSource(name: string, cwd: string): Promise<ByteSource> {
  const path = resolve(cwd, name)
  try {
    const found = await stat(path)
    if (found.isDirectory()) throw new SourceError(`${name} is a directory; name a file of order messages`, { file: path })
    if (!found.isFile()) throw noRegularFile(name, path)
    if (found.size === 0) throw new SourceError(`${name} is empty: it holds no order messages`, { file: path })
    const identity = await realpath(path)
    const handle = await open(identity, 'r')
    const next = async () => {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES, null)
      return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
    }
    return {
      name,
      identity,
      folder: `${basename(identity)
        .replace(/[^\w.-]/g, '_')
        .slice(0, 60)}-${shortHash(identity)}`,
      sizeBytes: found.size,
      read: signal => unlessAborted(next(), signal).catch(error => cannotRead(name, error)),
      close: () => handle.close().catch(() => {}),
    }
  } catch (error) {
    return cannotRead(name, error)
  }
}

function stdinSource(stdin: Readable): ByteSource {
  const name = 'standard input'
  const chunks: AsyncIterator<Uint8Array | undefined> = stdin[Symbol.asyncIterator]()
  return {
    name,
    identity: '-',
    folder: 'stdin',
    sizeBytes: undefined,
    async read(signal) {
      const next = await unlessAborted(chunks.next(), signal).catch(error => cannotRead(name, error))
      return next.done ? undefined : next.value
    },
    async close() {
      stdin.destroy()
    },
  }
}

/** A read of standard input can last for ever: the wait for it ends by the signal, the read itself with the process. */
async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([result, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * To open a pipe as a file, or to read from it, holds a thread until somebody writes, and the process cannot end before its threads. As
 * standard input it is waited for by the event loop, which a signal interrupts.
 */
function noRegularFile(name: string, file: string): SourceError {
  return new SourceError(`${name} is not a regular file; give it as standard input: disruptorx replay - < ${name}`, { file })
}

function cannotRead(name: string, error: unknown): never {
  const code = systemCode(error)
  if (error instanceof SourceError || code === undefined) throw error
  throw new SourceError(`cannot read ${name}: ${meaningOf(code)}`, { code })
}

function shortHash(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 8)
}
