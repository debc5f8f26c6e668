import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'
import { SqliteMissingError } from '../sqlite/errors.ts'

/** Loads the optional package better-sqlite3. @throws {SqliteMissingError} it is not installed, or not for this Node */
export function loadSqlite(load: (name: string) => unknown = createRequire(import.meta.url)): typeof BetterSqlite3 {
  try {
    return load('better-sqlite3') as typeof BetterSqlite3
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    throw new SqliteMissingError(code === 'MODULE_NOT_FOUND' ? 'it is not installed' : (String(message).split('\n')[0] ?? ''))
  }
}
