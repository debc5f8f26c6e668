import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

/** SQLite's code for "another one holds the lock". */
const SQLITE_BUSY = 5

/**
 * Locks on files that end with their holder.
 *
 * Node has no file locks of its own; SQLite's are record locks of the operating system, with the bookkeeping that refuses a second
 * holder inside one process too. The lock file stays empty. Nothing else in this process may open it: closing any descriptor of a
 * file ends a process's record locks on it.
 */
export class DirectoryLocks {
  readonly #held = new Map<number, { readonly database: DatabaseSync; readonly pidPath: string }>()
  #next: number

  constructor(firstHandle: number) {
    this.#next = firstHandle
  }

  /** Takes the lock. @throws an error with code `EBUSY`, and `pid` when the holder is known */
  acquire(path: string): number {
    const database = openDatabase(path)
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw systemErrorOf(path, error)
      throw Object.assign(new Error(`EBUSY: ${path} is locked`, { cause: error }), { code: 'EBUSY', pid: readPid(`${path}.pid`) })
    }
    const pidPath = `${path}.pid`
    try {
      writeFileSync(pidPath, `${process.pid}\n`)
    } catch {
      // The lock is held without it: the process id is only there to be named to whoever is refused.
    }
    const handle = this.#next++
    this.#held.set(handle, { database, pidPath })
    return handle
  }

  /** Gives a lock back. Without effect when it is not held. */
  release(handle: number): void {
    const lock = this.#held.get(handle)
    if (lock === undefined) return
    this.#held.delete(handle)
    try {
      rmSync(lock.pidPath, { force: true })
    } catch {
      // It names a process that holds nothing any more, until the next holder overwrites it.
    }
    lock.database.close()
  }
}

function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  try {
    return new DatabaseSync(path)
  } catch (error) {
    throw systemErrorOf(path, error)
  }
}

/** What the system says of a file that SQLite could not open or lock: SQLite says only that it could not. */
function systemErrorOf(path: string, error: unknown): unknown {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.R_OK | constants.W_OK)
    return error
  } catch (reason) {
    return reason
  }
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Loads `node:sqlite` without the warning that Node 22 and 24 may print for it once: nothing of it but its locks is used. */
function loadSqlite(): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
