import type BetterSqlite3 from 'better-sqlite3'
import type { LogChange, LogImage } from '../log/log-backend.ts'
import { decodeValue } from '../logs/summary-bytes.ts'
import { TermList } from '../logs/term-list.ts'
import type { PackedEntries } from '../thread/thread-messages.ts'
import { entryCrc } from './entry-crc.ts'
import { checkRow, missing, packed } from './entry-rows.ts'
import { DatabaseCorruptError } from './errors.ts'
import { type EntryRow, LogRows } from './log-table.ts'
import { checkpoint, createEntries } from './schema.ts'

/** Rows that are removed in one transaction, at least. */
const SWEEP_ROWS = 128

interface LogRow {
  readonly id: number
  readonly entries: number
  readonly first_index: number
  readonly snapshot_index: number | null
  readonly snapshot_term: number | null
}

/**
 * Logs in a SQLite database, for the thread that owns the connection. Changes are made in transactions: `begin`, changes, `commit`.
 *
 * What it throws is SQLite's, or says that the database is damaged; after that nothing of it is to be used but `close`.
 */
export class LogDatabase {
  readonly #database: BetterSqlite3.Database
  readonly #path: string
  readonly #logs = new Map<number, LogRows>()
  /** Tables of dropped logs, on their way out. */
  readonly #trash: LogRows[] = []
  readonly #begin: BetterSqlite3.Statement
  readonly #commit: BetterSqlite3.Statement
  readonly #setMeta: BetterSqlite3.Statement
  readonly #setFirst: BetterSqlite3.Statement
  readonly #addTerm: BetterSqlite3.Statement
  #nextTable: number
  /** Entries appended since {@link begin}. */
  #appended = 0

  /** @param database prepared by `prepareDatabase` */
  constructor(database: BetterSqlite3.Database, path: string) {
    this.#database = database
    this.#path = path
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#setMeta = database.prepare('UPDATE meta SET value = ? WHERE key = ?')
    this.#setFirst = database.prepare('UPDATE logs SET first_index = ? WHERE id = ?')
    this.#addTerm = database.prepare('INSERT OR REPLACE INTO terms (log, idx, term) VALUES (?, ?, ?)')
    this.#nextTable = this.#meta('next_entries')
    for (const row of this.#rows()) {
      const terms = database
        .prepare<[number], { idx: number; term: number }>('SELECT idx, term FROM terms WHERE log = ? ORDER BY idx')
        .all(row.id)
      const list = new TermList()
      for (const { idx, term } of terms) list.start(idx, term)
      this.#logs.set(row.id, new LogRows(database, row.id, row.entries, row.first_index, list))
    }
    for (const { entries } of database.prepare<[], { entries: number }>('SELECT entries FROM trash').all())
      this.#trash.push(unwanted(new LogRows(database, 0, entries, 1)))
  }

  /** The LSN of the newest change that is committed. */
  get lastLsn(): number {
    return this.#meta('lsn')
  }

  /** How all logs stand. */
  images(): LogImage[] {
    return this.#rows().map(row => {
      const { firstIndex, lastIndex, terms } = this.#logs.get(row.id) as LogRows
      const values = this.#database
        .prepare<[number], { name: string; value: Uint8Array }>('SELECT name, value FROM vals WHERE log = ?')
        .all(row.id)
      const summary = {
        logId: row.id,
        firstIndex,
        baseTerm: terms.at(firstIndex - 1),
        lastIndex,
        lastTerm: terms.at(lastIndex),
        snapshotIndex: row.snapshot_index ?? 0,
        snapshotTerm: row.snapshot_term ?? 0,
        values: new Map(values.map(({ name, value }) => [name, Uint8Array.from(value)])),
      }
      return { summary, terms: terms.starts }
    })
  }

  begin(): void {
    this.#begin.run()
    this.#appended = 0
  }

  /** Makes everything since {@link begin} durable, which then ends at this LSN. */
  commit(lsn: number): void {
    this.#setMeta.run(lsn, 'lsn')
    this.#commit.run()
  }

  // Hot: once for each entry.
  append(logId: number, index: number, term: number, data: Uint8Array): void {
    const log = this.#logs.get(logId) ?? this.#create(logId)
    if (term !== log.terms.last) this.#newTerm(log, index, term)
    log.insert.run(index, term, entryCrc(index, term, data), data)
    log.lastIndex = index
    this.#appended++
  }

  change(kind: LogChange, logId: number, index: number, term: number, data: Uint8Array): void {
    if (kind === 'drop') {
      this.#drop(logId)
      return
    }
    const log = this.#logs.get(logId) ?? this.#create(logId)
    if (kind === 'truncate-after') this.#cutAfter(log, index)
    else if (kind === 'truncate-before') this.#cutBefore(log, index)
    else if (kind === 'reset') this.#reset(log, index, term)
    else if (kind === 'value') this.#setValue(logId, ...decodeValue(data))
    else this.#database.prepare('UPDATE logs SET snapshot_index = ?, snapshot_term = ? WHERE id = ?').run(index, term, logId)
  }

  /** Reads entries from `from` to `to`; stops at `maxEntries`, or once there are `maxBytes`. @throws {DatabaseCorruptError} */
  read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): PackedEntries {
    const rows: EntryRow[] = []
    const last = Math.min(to, from + maxEntries - 1)
    let bytes = 0
    for (const row of this.#logs.get(logId)?.select.iterate(from, last) ?? []) {
      checkRow(this.#path, logId, row, from + rows.length)
      rows.push(row)
      bytes += row.data.length
      if (bytes >= maxBytes) break
    }
    if (rows.length === 0 || (bytes < maxBytes && rows.length < last - from + 1)) throw missing(this.#path, logId, from + rows.length)
    return packed(from, rows, bytes)
  }

  /** Whether rows are left that no log needs. */
  get hasGarbage(): boolean {
    if (this.#trash.length > 0) return true
    for (const log of this.#logs.values()) if (log.oldestRow < log.firstIndex) return true
    return false
  }

  /** Removes some rows that no log needs: more than the transaction has added, so that they cannot pile up. Within a transaction. */
  sweep(): void {
    const limit = SWEEP_ROWS + 2 * this.#appended
    const [dropped] = this.#trash
    if (dropped !== undefined) {
      this.#sweepRows(dropped, limit)
      if (dropped.oldestRow > dropped.lastIndex) this.#removeTable(dropped)
      return
    }
    for (const log of this.#logs.values()) {
      if (log.oldestRow >= log.firstIndex) continue
      this.#sweepRows(log, limit)
      return
    }
  }

  /** Looks at every page and every entry. @throws {DatabaseCorruptError} */
  verify(): void {
    const problem = String(this.#database.pragma('integrity_check(1)', { simple: true }))
    if (problem !== 'ok') throw new DatabaseCorruptError(this.#path, problem)
    for (const log of this.#logs.values()) {
      let next = log.firstIndex
      for (const row of log.select.iterate(log.firstIndex, log.lastIndex)) checkRow(this.#path, log.id, row, next++)
      if (next !== log.lastIndex + 1) throw missing(this.#path, log.id, next)
    }
  }

  /** Looks at the first and the last entry of each log. @throws {DatabaseCorruptError} */
  verifyEnds(): void {
    for (const { id, firstIndex, lastIndex } of this.#logs.values()) {
      if (firstIndex > lastIndex) continue
      this.read(id, firstIndex, firstIndex, 1, 1)
      this.read(id, lastIndex, lastIndex, 1, 1)
    }
  }

  /** Moves what was committed from the write-ahead file into the database. */
  checkpoint(): void {
    checkpoint(this.#database, this.#path, 'PASSIVE')
  }

  /** Ends the connection; when all is well, nothing is left beside the database file. */
  close(isWell: boolean): void {
    try {
      if (isWell) checkpoint(this.#database, this.#path, 'TRUNCATE')
    } finally {
      this.#database.close()
    }
  }

  #meta(key: string): number {
    const row = this.#database.prepare<[string], { value: number }>('SELECT value FROM meta WHERE key = ?').get(key)
    if (row === undefined) throw new DatabaseCorruptError(this.#path, `it has no ${key}`)
    return row.value
  }

  #rows(): LogRow[] {
    return this.#database.prepare<[], LogRow>('SELECT * FROM logs ORDER BY id').all()
  }

  #create(logId: number): LogRows {
    const log = this.#newTable(logId, 1)
    this.#database.prepare('INSERT INTO logs (id, entries, first_index) VALUES (?, ?, 1)').run(logId, log.table)
    return log
  }

  #newTable(logId: number, firstIndex: number): LogRows {
    const table = this.#nextTable++
    this.#setMeta.run(this.#nextTable, 'next_entries')
    this.#database.exec(createEntries(table))
    const log = new LogRows(this.#database, logId, table, firstIndex)
    this.#logs.set(logId, log)
    return log
  }

  #newTerm(log: LogRows, index: number, term: number): void {
    log.terms.start(index, term)
    this.#addTerm.run(log.id, index, term)
  }

  #cutAfter(log: LogRows, index: number): void {
    log.deleteAfter.run(index)
    log.terms.cut(index)
    this.#database.prepare('DELETE FROM terms WHERE log = ? AND idx > ?').run(log.id, index)
    log.lastIndex = index
    this.#unmark(log.id, index)
  }

  #cutBefore(log: LogRows, index: number): void {
    this.#setFirst.run(index, log.id)
    log.firstIndex = index
    log.terms.trim(index - 1)
    this.#database.prepare('DELETE FROM terms WHERE log = ? AND idx < ?').run(log.id, log.terms.starts[0] ?? 0)
  }

  #reset(log: LogRows, index: number, term: number): void {
    this.#discard(log)
    const anew = this.#newTable(log.id, index + 1)
    this.#database.prepare('UPDATE logs SET entries = ?, first_index = ? WHERE id = ?').run(anew.table, index + 1, log.id)
    this.#database.prepare('DELETE FROM terms WHERE log = ?').run(log.id)
    this.#newTerm(anew, index, term)
    this.#unmark(log.id, index)
  }

  /** What a mark covers past an index is gone, and the mark with it. */
  #unmark(logId: number, index: number): void {
    const forget = 'UPDATE logs SET snapshot_index = NULL, snapshot_term = NULL WHERE id = ? AND snapshot_index > ?'
    this.#database.prepare(forget).run(logId, index)
  }

  #setValue(logId: number, name: string, value: Uint8Array): void {
    if (value.length === 0) this.#database.prepare('DELETE FROM vals WHERE log = ? AND name = ?').run(logId, name)
    else this.#database.prepare('INSERT OR REPLACE INTO vals (log, name, value) VALUES (?, ?, ?)').run(logId, name, value)
  }

  #drop(logId: number): void {
    const log = this.#logs.get(logId)
    if (log === undefined) return
    this.#discard(log)
    this.#logs.delete(logId)
    for (const table of ['terms', 'vals']) this.#database.prepare(`DELETE FROM ${table} WHERE log = ?`).run(logId)
    this.#database.prepare('DELETE FROM logs WHERE id = ?').run(logId)
  }

  #discard(log: LogRows): void {
    this.#database.prepare('INSERT INTO trash (entries) VALUES (?)').run(log.table)
    this.#trash.push(unwanted(log))
  }

  /** Removes up to `limit` of the oldest rows that the log does not need. */
  #sweepRows(log: LogRows, limit: number): void {
    const end = Math.min(log.oldestRow + limit, log.firstIndex, log.lastIndex + 1)
    log.deleteBefore.run(end)
    log.oldestRow = end
  }

  #removeTable(log: LogRows): void {
    this.#database.exec(`DROP TABLE entries_${log.table}`)
    this.#database.prepare('DELETE FROM trash WHERE entries = ?').run(log.table)
    this.#trash.shift()
  }
}

/** Says that all rows of a log are to go. */
function unwanted(log: LogRows): LogRows {
  log.firstIndex = Number.MAX_SAFE_INTEGER
  return log
}
