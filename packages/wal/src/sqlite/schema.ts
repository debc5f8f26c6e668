import type BetterSqlite3 from 'better-sqlite3'
import { FormatTooNewError } from '../errors.ts'
import { DatabaseFailedError, ForeignDatabaseError } from './errors.ts'

/** "DXSQ": marks the file, also for the command `file`. */
const APPLICATION_ID = 0x4458_5351
const VERSION = 1

/**
 * `logs` has each log's name for its table of entries, so that a dropped log's entries can go bit by bit while its id is used anew. `terms` says from which
 * index on entries have which term. Rows of entries before `first_index`, and tables in `trash`, are on their way out.
 */
const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE logs (
    id INTEGER PRIMARY KEY, entries INTEGER NOT NULL UNIQUE, first_index INTEGER NOT NULL, snapshot_index INTEGER, snapshot_term INTEGER
  );
  CREATE TABLE terms (log INTEGER NOT NULL, idx INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (log, idx)) WITHOUT ROWID;
  CREATE TABLE vals (log INTEGER NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (log, name)) WITHOUT ROWID;
  CREATE TABLE trash (entries INTEGER PRIMARY KEY);
  INSERT INTO meta VALUES ('lsn', 0), ('next_entries', 1);
`

/** SQL that makes a table of entries. `crc` is over index, term and data: SQLite itself keeps no check sums. */
export function createEntries(table: number): string {
  return `CREATE TABLE entries_${table} (idx INTEGER PRIMARY KEY, term INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL)`
}

/**
 * Takes a database for this connection alone, makes commits durable, and makes or checks the tables.
 *
 * Write-ahead mode with `synchronous=FULL`: SQLite then syncs the file `-wal` once after each commit, before COMMIT returns. The other modes sync three or
 * four times, and with DELETE even FULL leaves out the directory, so that a commit may be undone by a power failure. `locking_mode=EXCLUSIVE`, set before the first
 * access, keeps everybody else out until the connection ends, however it ends, and needs no shared memory file.
 *
 * @throws {ForeignDatabaseError} {@link FormatTooNewError}, or SQLite's error
 */
export function prepareDatabase(database: BetterSqlite3.Database, path: string): void {
  database.pragma('locking_mode = EXCLUSIVE')
  const found = Number(database.pragma('application_id', { simple: true }))
  const isNew = Number(database.pragma('schema_version', { simple: true })) === 0 && found === 0
  if (!isNew && found !== APPLICATION_ID) throw new ForeignDatabaseError(path, found)
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > VERSION) throw new FormatTooNewError(path, version, VERSION)
  insist(database, path, 'journal_mode = WAL', 'journal_mode', 'wal')
  insist(database, path, 'synchronous = FULL', 'synchronous', 2)
  // Only macOS looks at these: its fsync alone does not reach the disk.
  database.pragma('fullfsync = ON')
  database.pragma('checkpoint_fullfsync = ON')
  // Checkpoints are our own affair: SQLite's would swallow their errors.
  database.pragma('wal_autocheckpoint = 0')
  database.pragma('cell_size_check = ON')
  database.exec('BEGIN EXCLUSIVE')
  if (isNew) {
    database.exec(SCHEMA)
    database.pragma(`application_id = ${APPLICATION_ID}`)
    database.pragma(`user_version = ${VERSION}`)
  }
  database.exec('COMMIT')
  checkpoint(database, path, 'TRUNCATE')
}

/** Moves what was committed into the database file, and syncs that. What a sync that failed had left in the system's cache only is written anew by this. */
export function checkpoint(database: BetterSqlite3.Database, path: string, mode: 'PASSIVE' | 'TRUNCATE'): void {
  const [{ busy = 1 } = {}] = database.pragma(`wal_checkpoint(${mode})`) as { busy?: number }[]
  if (busy !== 0) throw new DatabaseFailedError(path, 'SQLITE_BUSY', 'a checkpoint was kept from finishing')
}

/** Sets a pragma that durability depends on, and makes sure that it was taken. */
function insist(database: BetterSqlite3.Database, path: string, set: string, name: string, wanted: string | number): void {
  database.pragma(set)
  const found: unknown = database.pragma(name, { simple: true })
  if (found !== wanted) throw new DatabaseFailedError(path, 'SQLITE_MISUSE', `${name} is ${String(found)} although ${set} was asked for`)
}
