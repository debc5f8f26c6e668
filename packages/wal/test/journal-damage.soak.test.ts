import { describe, expect, it } from 'vitest'
import { journalKinds } from './damage/sound-journals.ts'
import { tryAll } from './damage/trials.ts'

// All of it, whatever the time: it is the same at every run.
const KIB = 1024

describe('a journal of 32 KiB, for long', () => {
  it.each(journalKinds)('%s, has everything or is refused, whatever bit is flipped', async kind => {
    const found = await tryAll({ kind, damage: 'bits', where: 'everywhere', stride: 1 })
    console.log(`${kind}: ${JSON.stringify(found)}`)
    expect([found.wrong, found.tried]).toEqual([[], 32 * KIB * 8])
    if (!kind.endsWith('killed')) expect(found.withoutLast).toBe(0)
  })

  it.each(journalKinds)('%s, has everything or is refused, at whatever byte a file ends', async kind => {
    const found = await tryAll({ kind, damage: 'lengths', where: 'everywhere', stride: 1 })
    expect([found.wrong, found.tried, found.withoutLast]).toEqual([[], 32 * KIB, 0])
  })
})
