import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { golden, newerNoted } from './golden.ts'
import { bytesOf, hexOf } from './hex.ts'
import { makers } from './support.ts'

const format = readFileSync(new URL('../FORMAT.md', import.meta.url), 'utf8')

describe.each(makers)('%s views', (_, make) => {
  it.each([...golden, newerNoted])('write and read the golden record of $name', ({ spec, version, hash, value, hex }) => {
    const layout = make(spec, { version })
    const bytes = new Uint8Array(layout.size).fill(0xaa)
    const view = layout.view(bytes).set(value as never)
    expect(hexOf(bytes.subarray(0, view.byteLength))).toBe(hex)
    const record = bytesOf(hex)
    expect(layout.reader().read(record, 0, record.length).copy()).toEqual(value)
    expect(layout.hash).toBe(hash)
  })

  it('read golden records of another version', () => {
    const [older, empty] = golden.filter(({ name }) => name.endsWith('tail'))
    const newer = make(newerNoted.spec, { version: 2 })
    const known = make(older?.spec ?? {})
    for (const record of [older, empty]) {
      const bytes = bytesOf(record?.hex ?? '')
      expect(newer.reader().read(bytes, 0, bytes.length).copy()).toEqual({ ...record?.value, price: 0 })
    }
    const bytes = bytesOf(newerNoted.hex)
    expect(known.reader().read(bytes, 0, bytes.length).copy()).toEqual(older?.value)
  })
})

/** The bytes that FORMAT.md shows under a name. */
function shownBytes(section: string): string {
  return Array.from(section.matchAll(/^ {2}\d{4} {2}([0-9a-f ]+)$/gm), ([, bytes = '']) => bytes.replaceAll(' ', '')).join('')
}

describe('FORMAT.md', () => {
  it.each([...golden, newerNoted])('shows the golden record of $name', ({ name, hex, hash }) => {
    const section = format.split('\n**').find(part => part.startsWith(`${name}**`)) ?? ''
    expect(shownBytes(section)).toBe(hex)
    expect(section).toContain(`0x${hash.toString(16).padStart(8, '0')}`)
  })
})
