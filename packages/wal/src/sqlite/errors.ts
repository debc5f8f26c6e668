import { DisruptorError } from '@disruptorx/contracts'
import { DirectoryReadOnlyError, walErrors } from '../errors.ts'

/** The package better-sqlite3, on which the SQLite store stands, is not there or does not run here. */
export class SqliteMissingError extends DisruptorError {
  constructor(reason: string) {
    super('DX_SQLITE_MISSING', `the SQLite store needs the package better-sqlite3 (${reason}); install it: npm install better-sqlite3`, {
      reason,
    })
  }
}

/** Another connection has the database: another journal, another process, a shell or a backup. */
export class DatabaseInUseError extends DisruptorError {
  constructor(path: string, reason: string) {
    super('DX_DATABASE_IN_USE', `${path} is in use (${reason}); close whatever has it open, or choose another directory`, { path, reason })
  }
}

/** Disk, quota or database are full. */
export class DatabaseFullError extends DisruptorError {
  constructor(path: string, reason: string) {
    super('DX_DATABASE_FULL', `no room to write ${path} (${reason}); make room and open it again`, { path, reason })
  }
}

/** What the database holds cannot be right. */
export class DatabaseCorruptError extends DisruptorError {
  constructor(path: string, reason: string) {
    super('DX_DATABASE_CORRUPT', `${path} is damaged: ${reason}; restore a backup of it`, { path, reason })
  }
}

/** The file is a database, but not one of logs. Nothing was changed. */
export class ForeignDatabaseError extends DisruptorError {
  constructor(path: string, applicationId: number) {
    super('DX_FOREIGN_DATABASE', `${path} is a database of something else (application id ${applicationId}); choose another directory`, {
      path,
      applicationId,
    })
  }
}

/** The database cannot be used for a reason that none of the other errors says. `details.sqlite` is SQLite's own code. */
export class DatabaseFailedError extends DisruptorError {
  constructor(path: string, sqlite: string, reason: string) {
    super('DX_DATABASE_FAILED', `${path} cannot be used: ${reason} (${sqlite}); see to the file and the disk, and open it again`, {
      path,
      sqlite,
      reason,
    })
  }
}

/** Every error class of the SQLite store by its code: how one is rebuilt after crossing a thread. */
export const sqliteErrors = {
  ...walErrors,
  DX_SQLITE_MISSING: SqliteMissingError,
  DX_DATABASE_IN_USE: DatabaseInUseError,
  DX_DATABASE_FULL: DatabaseFullError,
  DX_DATABASE_CORRUPT: DatabaseCorruptError,
  DX_FOREIGN_DATABASE: ForeignDatabaseError,
  DX_DATABASE_FAILED: DatabaseFailedError,
} as const

/** Gives an error of SQLite its class; any other is returned as it is. */
export function databaseError(path: string, error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error
  const reason = String(message)
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new DatabaseInUseError(path, reason)
  if (/^SQLITE_READONLY/.test(code)) return new DirectoryReadOnlyError(path, error)
  if (/^SQLITE_FULL/.test(code)) return new DatabaseFullError(path, reason)
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return new DatabaseCorruptError(path, reason)
  return new DatabaseFailedError(path, code, reason)
}
