import type { Archive } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { type AsyncFiles, fileChunks, performAsync } from '../segments/async-files.ts'
import { syncParents } from '../segments/directory.ts'
import { isGone } from '../segments/retire-segment.ts'
import { writeFully } from '../segments/window.ts'

/** What is half made has this ending: a name of nothing that is there. */
const UNFINISHED = '.tmp'

/** An archive in a directory: one file for each name, which gets its name when all of it is on stable storage. */
export class FileArchive implements Archive {
  readonly #dir: string
  readonly #files: AsyncFiles
  /** Whether every name that a list may show is on stable storage. */
  #isSettled = false
  /** Whether the directory is there, and a crash cannot take it back. */
  #isMade = false

  /** @param dir made when something is put into it */
  constructor(dir: string, files: AsyncFiles) {
    this.#dir = dir
    this.#files = files
  }

  async put(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const path = this.#path(name)
    const unfinished = `${path}${UNFINISHED}`
    if (!this.#isMade) await this.#perform(this.#make())
    this.#isMade = true
    try {
      await this.#write(unfinished, content, signal)
      signal?.throwIfAborted()
      this.#isSettled = false
      await this.#perform(perform(this.#files, { operation: 'rename', path: unfinished, target: path }))
    } catch (error) {
      // Perhaps the directory was taken away.
      if (isGone(error)) this.#isMade = false
      await this.#perform(this.#remove(unfinished))
      throw error
    }
    await this.#perform(perform(this.#files, { operation: 'sync-directory', path: this.#dir }))
  }

  async *get(name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const path = this.#path(name)
    signal?.throwIfAborted()
    for await (const chunk of fileChunks(this.#files, path)) {
      signal?.throwIfAborted()
      yield chunk
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    try {
      const { names } = await this.#perform(perform(this.#files, { operation: 'list', path: this.#dir }))
      if (!this.#isSettled) await this.#settle()
      return names.filter(name => name.startsWith(prefix) && !name.endsWith(UNFINISHED)).sort()
    } catch (error) {
      // Nothing was ever put there.
      if (isGone(error)) return []
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name)
    if (!(await this.#perform(this.#remove(path)))) return
    await this.#perform(perform(this.#files, { operation: 'sync-directory', path: this.#dir }))
  }

  async #write(path: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
    const files = this.#files
    const { result: handle } = await this.#perform(perform(files, { operation: 'open', path, mode: 'create' }))
    try {
      // Something may be there that was left half made.
      await this.#perform(perform(files, { operation: 'truncate', handle, length: 0 }))
      let position = 0
      for await (const chunk of content) {
        signal?.throwIfAborted()
        await this.#perform(writeFully(files, handle, chunk, 0, chunk.length, position))
        position += chunk.length
      }
      await this.#perform(perform(files, { operation: 'datasync', handle }))
    } finally {
      await this.#perform(perform(files, { operation: 'close', handle }))
    }
  }

  /** A process that ended in between, or an attempt that was given up, has left names that a crash may take back. */
  async #settle(): Promise<void> {
    this.#isSettled = true
    try {
      await this.#perform(perform(this.#files, { operation: 'sync-directory', path: this.#dir }))
    } catch (error) {
      this.#isSettled = false
      throw error
    }
  }

  *#make(): FileTask<void> {
    yield* perform(this.#files, { operation: 'make-directory', path: this.#dir })
    yield* syncParents(this.#files, this.#dir)
  }

  /** False when there is no such file. */
  *#remove(path: string): FileTask<boolean> {
    try {
      yield* perform(this.#files, { operation: 'remove', path })
      return true
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  #perform<T>(task: FileTask<T>): Promise<T> {
    return performAsync(this.#files, task)
  }

  #path(name: string): string {
    if (!/^[a-z0-9][a-z0-9.-]{0,199}$/.test(name) || name.endsWith(UNFINISHED))
      throw new OptionError('name', name, `1 to 200 characters of a to z, 0 to 9, . and -, without ${UNFINISHED} at its end`)
    return `${this.#dir}/${name}`
  }
}
