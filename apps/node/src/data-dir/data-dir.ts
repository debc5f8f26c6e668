import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { CommandError, DataDirError } from '../cli/errors.ts'
import { TEMPORARY_SUFFIX } from './atomic-file.ts'
import { DESCRIPTION_FILE, type Description, readDescription, writeDescription } from './description.ts'
import { LOCK_FILE, lockDataDir } from './lock.ts'

/** Names that a directory may hold and still count as empty: what file systems and desktops put there, and our own first steps. */
const harmless = new Set([
  'lost+found',
  '.DS_Store',
  '.gitignore',
  '.gitkeep',
  LOCK_FILE,
  `${LOCK_FILE}.pid`,
  DESCRIPTION_FILE + TEMPORARY_SUFFIX,
])

/** A data directory that this process holds locked. */
export class DataDir<Kind extends Description['kind']> implements Disposable {
  readonly path: string
  readonly #lock: Disposable
  #description: Extract<Description, { kind: Kind }> | undefined

  constructor(path: string, lock: Disposable, description: Extract<Description, { kind: Kind }> | undefined) {
    this.path = path
    this.#lock = lock
    this.#description = description
  }

  /** What it is for; undefined for a new one that was not described yet. */
  get description(): Extract<Description, { kind: Kind }> | undefined {
    return this.#description
  }

  /** Writes down what it is for, durably. */
  async describe(description: Extract<Description, { kind: Kind }>): Promise<void> {
    await writeDescription(this.path, description).catch(error => {
      throw directoryError(this.path, error)
    })
    this.#description = description
  }

  /** Throws away all that it holds but the lock. */
  async empty(): Promise<void> {
    const kept = new Set([LOCK_FILE, `${LOCK_FILE}.pid`, DESCRIPTION_FILE, 'lost+found'])
    for (const name of await readdir(this.path)) if (!kept.has(name)) await rm(join(this.path, name), { recursive: true, force: true })
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]()
  }
}

/**
 * Takes a data directory for one kind of command: makes it where it is missing, and locks it.
 *
 * @throws {DataDirError} it is of the other kind, of a newer format, in use, holds files of others, or cannot be made or written
 */
export async function openDataDir<Kind extends Description['kind']>(path: string, kind: Kind): Promise<DataDir<Kind>> {
  try {
    checkKind(path, kind, await readDescription(path))
    await makeDirectory(path)
    await checkContent(path)
    const lock = lockDataDir(path)
    try {
      // Read again: another command may have been the first while there was no lock.
      return new DataDir(path, lock, checkKind(path, kind, await readDescription(path)))
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  } catch (error) {
    throw directoryError(path, error)
  }
}

/** Puts a fault of the file system into one sentence about the data directory. */
export function directoryError(directory: string, error: unknown): unknown {
  const code = systemCode(error)
  if (error instanceof CommandError || code === undefined) return error
  const what = code === 'ENOENT' ? 'it cannot be made there' : meaningOf(code)
  return new DataDirError(`cannot use data directory ${directory}: ${what}`, { directory, code })
}

/** Makes a directory and its parents. Node's own recursive form never returns where a parent exists and takes no children, as in /proc. */
async function makeDirectory(path: string): Promise<void> {
  const attempt = () =>
    mkdir(path).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
  let error = await attempt()
  if (error?.code === 'ENOENT' && dirname(path) !== path) {
    await makeDirectory(dirname(path))
    error = await attempt()
  }
  // What exists and is no directory shows itself at the next step.
  if (error !== undefined && error.code !== 'EEXIST') throw error
}

async function checkContent(directory: string): Promise<void> {
  const names = await readdir(directory)
  const stray = names.includes(DESCRIPTION_FILE) ? undefined : names.find(name => !harmless.has(name))
  if (stray === undefined) return
  const what = `it holds files that are not this command's, such as ${stray}`
  throw new DataDirError(`cannot use data directory ${directory}: ${what}; name an empty or a new one with --data-dir`, { directory })
}

function checkKind<Kind extends Description['kind']>(
  directory: string,
  kind: Kind,
  found: Description | undefined,
): Extract<Description, { kind: Kind }> | undefined {
  if (found === undefined || found.kind === kind) return found as Extract<Description, { kind: Kind }> | undefined
  const holds =
    found.kind === 'live' ? 'the state of a live node (`disruptorx start`)' : `a replay of ${found.source} (\`disruptorx replay\`)`
  throw new DataDirError(`data directory ${directory} holds ${holds}; name another one with --data-dir`, { directory, kind: found.kind })
}
