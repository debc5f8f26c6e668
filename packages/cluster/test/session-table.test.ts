import { describe, expect, it } from 'vitest'
import { APPLY, DUPLICATE, EXPIRED, SessionTable } from '../src/session/session-table.ts'

const GAP = 3

function saved(table: SessionTable): Uint8Array {
  return Uint8Array.from([...table.save()].flatMap(piece => [...piece]))
}

describe('a session table', () => {
  it('admits the numbers of a client once each, and in order', () => {
    const table = new SessionTable()
    expect(table.admit(1, 1, 10)).toBe(APPLY)
    expect(table.admit(1, 1, 11)).toBe(DUPLICATE)
    expect(table.admit(1, 3, 12)).toBe(GAP)
    expect(table.admit(1, 2, 13)).toBe(APPLY)
    expect(table.lastNumber(1)).toBe(2)
    expect(table.admit(2, 2, 14)).toBe(EXPIRED)
    expect(table.lastNumber(2)).toBe(0)
  })

  it('forgets the session idle longest when one more comes than it may hold', () => {
    const table = new SessionTable(3)
    for (const client of [1, 2, 3]) table.admit(client, 1, client)
    table.admit(1, 2, 4)
    expect(table.admit(4, 1, 5)).toBe(APPLY)
    expect(table.size).toBe(3)
    expect(table.admit(2, 2, 6)).toBe(EXPIRED)
    for (const client of [1, 3, 4]) expect(table.lastNumber(client)).toBeGreaterThan(0)
  })

  it('goes on after saving as if nothing had happened, replies included', () => {
    const table = new SessionTable(3)
    for (const client of [5, 6, 7]) {
      table.admit(client, 1, client)
      table.keepReply(client, 1, client, 2, Uint8Array.of(client, 0, 255))
    }
    const other = new SessionTable(3)
    other.restore(saved(table))
    expect(saved(other)).toEqual(saved(table))
    expect(other.reply(6, 1)).toMatchObject({ number: 1, index: 6, ordinal: 2, bytes: Uint8Array.of(6, 0, 255) })
    for (const t of [table, other]) {
      expect(t.admit(8, 1, 9)).toBe(APPLY)
      expect(t.admit(5, 2, 10)).toBe(EXPIRED)
      expect(t.admit(6, 2, 11)).toBe(APPLY)
    }
  })

  it('keeps the last 65,536 replies', () => {
    const table = new SessionTable()
    for (let number = 1; number <= 65_537; number++) table.keepReply(1, number, number, 0, Uint8Array.of(7))
    expect(table.reply(1, 1)).toBeUndefined()
    expect(table.reply(1, 2)?.index).toBe(2)
    expect(table.reply(1, 65_537)?.index).toBe(65_537)
  })

  it('keeps at most 64 MiB of replies, and can be saved and restored then', () => {
    const table = new SessionTable()
    table.admit(1, 1, 1)
    const bytes = new Uint8Array(64 * 1024)
    for (let number = 1; number <= 1025; number++) table.keepReply(1, number, number, 0, bytes)
    expect(table.reply(1, 1)).toBeUndefined()
    expect(table.reply(1, 2)?.bytes.length).toBe(bytes.length)
    const other = new SessionTable()
    const pieces = [...table.save()]
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    other.restore(whole)
    expect(other.reply(1, 1)).toBeUndefined()
    expect(other.reply(1, 1025)?.bytes.length).toBe(bytes.length)
  })

  it('refuses bytes that end early', () => {
    const table = new SessionTable()
    table.admit(1, 1, 1)
    const bytes = saved(table)
    for (const cut of [0, 3, 5, 8, bytes.length - 1]) expect(() => new SessionTable().restore(bytes.subarray(0, cut))).toThrow('end early')
  })
})
