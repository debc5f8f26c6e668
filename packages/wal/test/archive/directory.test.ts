import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directoryArchive } from '../../src/index.ts'

let dir: TemporaryDirectory

beforeEach(() => {
  dir = temporaryDirectory()
})

afterEach(() => dir.dispose())

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

async function text(content: AsyncIterable<Uint8Array>): Promise<string> {
  let found = ''
  for await (const chunk of content) found += new TextDecoder().decode(chunk)
  return found
}

describe('an archive in a directory', () => {
  it('gives back what was put, lists it by its beginning, and forgets it', async () => {
    const archive = directoryArchive(dir.join('a/b'))
    expect(await archive.list('')).toEqual([])
    await archive.remove('none')
    await archive.put('000002.seg', pieces('one', 'two', ''))
    await archive.put('000001.seg', pieces('x'.repeat(1_000_000), 'y'))
    await archive.put('journal.json', pieces())
    expect(await archive.list('')).toEqual(['000001.seg', '000002.seg', 'journal.json'])
    expect(await archive.list('0000')).toEqual(['000001.seg', '000002.seg'])
    expect(await text(archive.get('000002.seg'))).toBe('onetwo')
    expect((await text(archive.get('000001.seg'))).length).toBe(1_000_001)
    expect(await text(archive.get('journal.json'))).toBe('')
    await archive.put('000002.seg', pieces('three'))
    expect(await text(archive.get('000002.seg'))).toBe('three')
    await archive.remove('000002.seg')
    await expect(text(archive.get('000002.seg'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('stores all or nothing: what was there stays when a put fails, or is ended by its signal', async () => {
    const archive = directoryArchive(dir.path)
    await archive.put('a', pieces('before'))
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield new Uint8Array(10)
      throw new Error('the source is away')
    }
    await expect(archive.put('a', failing())).rejects.toThrow('the source is away')
    const abort = new AbortController()
    async function* slow(): AsyncGenerator<Uint8Array, void, undefined> {
      yield new Uint8Array(10)
      abort.abort(new Error('enough'))
      yield new Uint8Array(10)
    }
    await expect(archive.put('a', slow(), abort.signal)).rejects.toThrow('enough')
    expect(await text(archive.get('a'))).toBe('before')
    expect(readdirSync(dir.path)).toEqual(['a'])
  })

  it('gives each of many readers at once what it asked for, while others put and remove', async () => {
    const archive = directoryArchive(dir.path)
    const names = Array.from({ length: 20 }, (_, i) => `object-${i}`)
    await Promise.all(names.map(name => archive.put(name, pieces(name.repeat(1000), '/', name))))
    const wholes = names.map(name => `${name.repeat(1000)}/${name}`)
    const others = names.flatMap(name => [archive.put(`${name}.more`, pieces(name)), archive.remove('none'), archive.list('')])
    expect(await Promise.all(names.map(name => text(archive.get(name))))).toEqual(wholes)
    await Promise.all(others)
    expect(await archive.list('')).toHaveLength(40)
  })

  it('shows nothing that was left half made, and replaces it', async () => {
    writeFileSync(dir.join('a.tmp'), 'half')
    const archive = directoryArchive(dir.path)
    expect(await archive.list('')).toEqual([])
    await archive.put('a', pieces('all'))
    expect([await archive.list(''), readFileSync(dir.join('a'), 'utf8')]).toEqual([['a'], 'all'])
  })

  it.each(['', '.', '..', '../a', 'a/b', 'A', 'a.tmp', 'a\0', '-a', 'x'.repeat(201)])('refuses the name %j', async name => {
    const archive = directoryArchive(dir.path)
    await expect(archive.put(name, pieces())).rejects.toMatchObject({ code: 'DX_OPTION' })
    await expect(text(archive.get(name))).rejects.toMatchObject({ code: 'DX_OPTION' })
    await expect(archive.remove(name)).rejects.toMatchObject({ code: 'DX_OPTION' })
  })
})
