import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Archive } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import { makeDirectory, syncDirectory } from './sqlite-directory.ts'

/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024
/** What is half made has this ending: a name of nothing that is there. */
const UNFINISHED = '.tmp'

/** One file of a directory for each name. */
class DirectoryArchive implements Archive {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  async put(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const path = this.#path(name)
    makeDirectory(this.#dir)
    const unfinished = `${path}${UNFINISHED}`
    try {
      const file = await open(unfinished, 'w')
      try {
        await writeAll(file, content, signal)
      } finally {
        await file.close()
      }
      signal?.throwIfAborted()
      await rename(unfinished, path)
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
    syncDirectory(this.#dir)
  }

  async *get(name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await open(this.#path(name), 'r')
    try {
      for (;;) {
        signal?.throwIfAborted()
        const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#dir)
      return names.filter(name => name.startsWith(prefix) && !name.endsWith(UNFINISHED)).sort()
    } catch (error) {
      // Nothing was ever put there.
      if ((error as { readonly code?: unknown }).code === 'ENOENT') return []
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name)
    try {
      await rm(path)
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'ENOENT') return
      throw error
    }
    syncDirectory(this.#dir)
  }

  #path(name: string): string {
    if (!/^[a-z0-9][a-z0-9.-]{0,199}$/.test(name) || name.endsWith(UNFINISHED))
      throw new OptionError('name', name, `1 to 200 characters of a to z, 0 to 9, . and -, without ${UNFINISHED} at its end`)
    return join(this.#dir, name)
  }
}

async function writeAll(file: FileHandle, content: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of content) {
    signal?.throwIfAborted()
    for (let written = 0; written < chunk.length; ) written += (await file.write(chunk, written, chunk.length - written)).bytesWritten
  }
  await file.datasync()
}

/**
 * An archive in a directory, which may be a mounted file system of another machine: one file for each name, which gets its name when it is on stable storage.
 *
 * @param dir made when something is put into it
 * @throws {OptionError}
 */
export function directoryArchive(dir: string): Archive {
  return new DirectoryArchive(nonEmptyText('dir', dir))
}
