import { describe, expect, it } from 'vitest'
import { hexOf } from './hex.ts'
import { makers, messageOf } from './support.ts'

describe.each(makers)('%s tails', (_, make) => {
  const noted = make({ id: 'u32', note: { tail: 'string', max: 20 } })
  const blob = make({ data: { tail: 'bytes', max: 300 }, id: 'u8' })

  it('take the bytes that they have, behind all fields', () => {
    expect([noted.fixedSize, noted.size, blob.fixedSize, blob.size]).toEqual([12, 32, 12, 312])
    const bytes = new Uint8Array(noted.size)
    const view = noted.view(bytes).set({ id: 7, note: 'héllo' })
    expect(hexOf(bytes.subarray(0, view.byteLength))).toBe('07000000' + '0c000000' + '06000000' + '68c3a96c6c6f')
    expect([view.note, view.byteLength, noted.sizeOf({ id: 7, note: 'héllo' })]).toEqual(['héllo', 18, 18])
    expect(bytes.subarray(18).every(byte => byte === 0)).toBe(true)
  })

  it('may grow and shrink in place, and be empty', () => {
    const view = noted.view(new SharedArrayBuffer(noted.size))
    expect([view.note, view.byteLength, view.copy()]).toEqual(['', 12, { id: 0, note: '' }])
    for (const note of ['short', 'exactly twenty bytes', '', 'a\0b', '\ufeff', 'ééééé']) {
      view.note = note
      expect([view.note, view.copy().note]).toEqual([note, note])
      expect(view.byteLength).toBe(noted.sizeOf({ id: 0, note }))
    }
  })

  it('of bytes are windows on what lies there, and copies in a copy', () => {
    const memory = new Uint8Array(blob.size * 2)
    const data = Uint8Array.from({ length: 300 }, (_, i) => i)
    const view = blob.view(memory, blob.size).set({ data, id: 3 })
    expect(view.copy()).toEqual({ data, id: 3 })
    expect(view.data.buffer).toBe(memory.buffer)
    const kept = view.copy().data
    view.data = Uint8Array.of(1)
    expect([view.data.length, view.byteLength, kept]).toEqual([1, 13, data])
    expect(blob.view(new ArrayBuffer(12)).data.length).toBe(0)
  })

  it('that are refused leave everything as it was', () => {
    const bytes = new Uint8Array(noted.size).fill(7)
    const view = noted.view(bytes)
    for (const note of ['x'.repeat(21), 'é'.repeat(11), '\udc00', 5, null, undefined, Uint8Array.of(1)]) {
      const attempts = [
        () => view.set({ id: 1, note: note as string }),
        () => noted.check({ id: 1, note }),
        () => Object.assign(view, { note }),
      ]
      for (const attempt of attempts) expect(messageOf('DX_FIELD', attempt)).toContain('field note is')
    }
    for (const data of [new Uint8Array(301), [1], 'text', null])
      expect(messageOf('DX_FIELD', () => blob.check({ id: 1, data }))).toContain('field data is')
    expect(bytes.every(byte => byte === 7)).toBe(true)
    for (const nothing of [{ id: 1, note: 5 }, {}, null, undefined, 5]) expect(noted.sizeOf(nothing as never)).toBe(12)
  })

  it('that have no room in what the view lies over are refused, and leave everything as it was', () => {
    const memory = new Uint8Array(40).fill(7)
    const view = noted.view(memory.subarray(0, 17))
    view.set({ id: 1, note: '12345' })
    const before = hexOf(memory)
    expect(messageOf('DX_FIELD', () => view.set({ id: 2, note: '123456' }))).toContain(
      "field note is '123456'; it must be at most 5 bytes here",
    )
    expect(hexOf(memory)).toBe(before)
    expect(hexOf(memory.subarray(17))).toBe('07'.repeat(23))
  })

  it('from elsewhere are read up to their bound and up to the end of the memory, never beyond', () => {
    const memory = new Uint8Array(64)
    const data = new DataView(memory.buffer)
    const read = (start: number, length: number, bytes = memory.subarray(0, 40)) => {
      data.setUint32(4, start, true)
      data.setUint32(8, length, true)
      const view = noted.view(bytes)
      return [() => view.note, () => view.byteLength, () => view.copy()]
    }
    for (const [start, length] of [
      [12, 21],
      [12, 2 ** 32 - 1],
      [21, 20],
      [2 ** 32 - 1, 1],
      [40, 1],
    ] as const) {
      for (const attempt of read(start, length)) expect(messageOf('DX_RECORD', attempt)).toContain('field note has')
    }
    expect(read(20, 20).map(attempt => attempt())).toEqual(['\0'.repeat(20), 32, { id: 0, note: '\0'.repeat(20) }])
    expect(read(2 ** 32 - 1, 0)[0]?.()).toBe('')
    memory[20] = 0xff
    expect(messageOf('DX_RECORD', () => read(20, 20)[0]?.())).toContain('field note holds bytes that are no UTF-8')
  })
})
