import type BetterSqlite3 from 'better-sqlite3'
import { TermList } from '../logs/term-list.ts'

/** A row of entries. */
export interface EntryRow {
  readonly idx: number
  readonly term: number
  readonly crc: number
  readonly data: Uint8Array
}

/** One log in the database, with the statements for its table of entries. */
export class LogRows {
  readonly id: number
  readonly table: number
  firstIndex: number
  lastIndex: number
  /** Reaches back to the entry before `firstIndex`. */
  readonly terms: TermList
  readonly insert: BetterSqlite3.Statement
  readonly select: BetterSqlite3.Statement<[number, number], EntryRow>
  readonly deleteAfter: BetterSqlite3.Statement
  readonly deleteBefore: BetterSqlite3.Statement
  /** The lowest index for which there is still a row; past it when there is none. */
  oldestRow: number

  constructor(database: BetterSqlite3.Database, id: number, table: number, firstIndex: number, terms = new TermList()) {
    this.id = id
    this.table = table
    this.firstIndex = firstIndex
    this.terms = terms
    const name = `entries_${table}`
    this.insert = database.prepare(`INSERT INTO ${name} (idx, term, crc, data) VALUES (?, ?, ?, ?)`)
    this.select = database.prepare(`SELECT idx, term, crc, data FROM ${name} WHERE idx BETWEEN ? AND ? ORDER BY idx`)
    this.deleteAfter = database.prepare(`DELETE FROM ${name} WHERE idx > ?`)
    this.deleteBefore = database.prepare(`DELETE FROM ${name} WHERE idx < ?`)
    const { least, most } = database
      .prepare<[], Ends>(`SELECT (SELECT min(idx) FROM ${name}) AS least, (SELECT max(idx) FROM ${name}) AS most`)
      .get() as Ends
    this.lastIndex = Math.max(most ?? 0, firstIndex - 1)
    this.oldestRow = least ?? firstIndex
  }
}

interface Ends {
  readonly least: number | null
  readonly most: number | null
}
