import type { Files } from '@disruptorx/contracts'
import { perform, runBlocking } from '@disruptorx/contracts/internal'
import { SimulatedDisk, Simulation } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { JournalCorruptError } from '../../src/errors.ts'
import { DamageBook, segmentPath } from './damage-book.ts'
import { Layout } from './layout.ts'

const SECTOR = 512
const PATH = segmentPath(1)

/** A disk, and the book of what is damaged on it. */
class Damaged {
  readonly disk: SimulatedDisk
  readonly book: DamageBook
  readonly files: Files
  readonly #handle: number

  constructor(sectors: number) {
    const layout = new Layout({
      writing: piece => this.book.writing(piece),
      renamed: () => undefined,
      violated: error => {
        throw error
      },
    })
    this.book = new DamageBook({
      layout,
      syncedLsn: 0,
      contentOf: path => this.disk.content(path),
      inodeOf: path => this.disk.inodeOf(path),
    })
    this.disk = new SimulatedDisk(new Simulation({ seed: 1 }), { name: 'n', completion: 'at-once', atlas: this.book.atlas })
    this.files = layout.watch(this.disk.attach({ completed: () => undefined, blocked: () => undefined, stopped: () => undefined }))
    this.#handle = runBlocking(perform(this.files, { operation: 'open', path: PATH, mode: 'create' })).result
    this.write(1, 0, sectors)
    this.sync()
    runBlocking(perform(this.files, { operation: 'sync-directory', path: 'd' }))
  }

  write(value: number, sector: number, sectors = 1): void {
    const buffer = new Uint8Array(sectors * SECTOR).fill(value)
    runBlocking(perform(this.files, { operation: 'write', handle: this.#handle, buffer, length: buffer.length, position: sector * SECTOR }))
  }

  sync(): void {
    runBlocking(perform(this.files, { operation: 'datasync', handle: this.#handle }))
  }

  /** The first byte of each sector, on the platter. */
  platter(): number[] {
    const content = this.disk.platter().content(PATH) as Uint8Array
    return Array.from({ length: content.length / SECTOR }, (_, i) => content[i * SECTOR] as number)
  }
}

describe('the book of damage', () => {
  it('restores what a write that went astray has missed, and what it hit', () => {
    const world = new Damaged(4)
    world.disk.faults.set({ misdirectedWrites: 1 })
    world.write(2, 1)
    world.disk.faults.clear()
    world.sync()
    expect(world.platter()[1]).toBe(1)
    expect(world.platter()).toContain(2)
    expect(world.book.restore(world.disk)).toBe(true)
    expect(world.platter()).toEqual([1, 2, 1, 1])
  })

  it('justifies no refusal for a file without a name by damage of another one without a name', () => {
    const { book } = new Damaged(4)
    const isJustified = (segment: number, offset: number) => book.justifies(new JournalCorruptError({ segment, offset, reason: 'damaged' }))
    book.atlas.mayMisread({ node: 'n', path: segmentPath(3), position: 40_000, length: 1, kind: 'bitFlips' })
    expect(isJustified(0, 0)).toBe(false)
    expect(isJustified(3, 0)).toBe(true)
    expect(isJustified(1, 0)).toBe(false)
    book.atlas.mayMisread({ node: 'n', path: PATH, position: 40, length: 1, kind: 'bitFlips' })
    expect(isJustified(0, 0)).toBe(false)
    expect(isJustified(1, 0)).toBe(true)
  })

  it('restores nothing where something was written since', () => {
    const world = new Damaged(4)
    world.disk.faults.set({ misdirectedWrites: 1 })
    world.write(2, 1)
    world.disk.faults.clear()
    world.write(3, 1)
    expect(world.book.restore(world.disk)).toBe(false)
  })
})
