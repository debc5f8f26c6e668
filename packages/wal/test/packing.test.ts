import { SeededRandom, SimulatedFiles, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { openLog } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import type { JournalStep, JournalStepOptions } from '../src/index.ts'
import { appendText, codeOf, KIB } from './journals.ts'
import { entriesOf, Model, openOn, run, use } from './model.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)
const encryption = { write: 'k1', keys: { k1: key(1) } }
const compression = 'zstd' as const
const secret = 'nobody must read this on the disk'

function contains(files: SimulatedFiles, text: string): boolean {
  return ['000001', '000002'].some(name => Buffer.from(files.content(`d/${name}.seg`) ?? new Uint8Array(0)).includes(text))
}

describe('a journal that is encrypted', () => {
  it('shows what was appended, and leaves none of it readable in its files', () => {
    for (const options of [{}, { encryption }, { encryption, compression }] as const) {
      const files = new SimulatedFiles({ seed: 1 })
      const journal = openOn(files, options) as JournalStep
      appendText(journal, secret.repeat(200))
      run(journal.flush())
      expect(entriesOf(journal)).toEqual(new Map([[1, secret.repeat(200)]]))
      expect(contains(files, secret)).toBe(!('encryption' in options))
      run(journal.close())
      expect(entriesOf(openOn(files, options) as JournalStep).get(1)).toBe(secret.repeat(200))
    }
  })

  it('is refused without its key, or with another one under its name; the error names the key', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, { encryption }) as JournalStep
    appendText(journal, secret)
    run(journal.close())
    expect(() => openOn(files)).toThrow("segment 000001 is encrypted with key 'k1', which was not given")
    const other = { write: 'k2', keys: { k2: key(2) } }
    expect(codeOf(() => openOn(files, { encryption: other }))).toBe('DX_KEY')
    expect(() => openOn(files, { encryption: { write: 'k1', keys: { k1: key(2) } } })).toThrow(
      "key 'k1', which is another one than was given",
    )
    expect(entriesOf(openOn(files, { encryption }) as JournalStep).get(1)).toBe(secret)
  })

  it('takes a new key, or none, or its first, from the next batch on', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const both = { k1: key(1), k2: key(2) }
    const lives: Partial<JournalStepOptions>[] = [{}, { encryption }, { encryption: { write: 'k2', keys: both } }]
    for (const [i, options] of lives.entries()) {
      const journal = openOn(files, options) as JournalStep
      appendText(journal, `${secret} ${i}`)
      run(journal.close())
    }
    expect(contains(files, `${secret} 1`)).toBe(false)
    expect(entriesOf(openOn(files, { encryption: { write: 'k2', keys: both } }) as JournalStep)).toEqual(
      new Map([0, 1, 2].map(i => [i + 1, `${secret} ${i}`])),
    )
  })

  it('refuses keys that cannot be', () => {
    const files = new SimulatedFiles({ seed: 1 })
    expect(codeOf(() => openOn(files, { encryption: { write: 'k1', keys: { k1: new Uint8Array(31) } } }))).toBe('DX_OPTION')
    expect(codeOf(() => openOn(files, { encryption: { write: 'k2', keys: { k1: key(1) } } }))).toBe('DX_OPTION')
    expect(codeOf(() => openOn(files, { encryption: { write: 'k 1', keys: { 'k 1': key(1) } } }))).toBe('DX_OPTION')
  })

  it('keeps what it acknowledged through crash after crash, compressed too', () =>
    withSeed(
      'packed',
      random => {
        const model = new Model()
        const options = { random, encryption, compression: random.pick(['none', 'zstd'] as const) }
        let files = new SimulatedFiles({ seed: random.u32(), stopAfter: random.between(100, 400) })
        for (let life = 0; life < 5; life++) {
          const journal = openOn(files, options)
          if (journal !== undefined && !files.stopped) {
            model.check(journal)
            use(files, journal, model, random, 60)
          }
          files = files.crash({ stopAfter: random.between(200, 400) })
        }
      },
      { count: 20 },
    ))
})

describe('what a packed journal gives out', () => {
  it("is the reader's own: entries and values, also of an opening", async () => {
    for (const options of [{ encryption }, { compression }, { encryption, compression }] as const) {
      const files = new SimulatedFiles({ seed: 1 })
      const journal = openOn(files, options) as JournalStep
      journal.log(0).setValue('vote', new TextEncoder().encode('node 3'))
      for (let i = 0; i < 3; i++) appendText(journal, secret.repeat(100))
      run(journal.close())
      const log = (openOn(files, options) as JournalStep).log(0)
      for (let time = 0; time < 2; time++) {
        expect(new TextDecoder().decode(log.value('vote'))).toBe('node 3')
        log.value('vote')?.fill(0)
        for await (const batch of log.read(1))
          for (const { data } of batch) {
            expect(data.buffer.byteLength).toBe(data.length)
            expect(new TextDecoder().decode(data)).toBe(secret.repeat(100))
            data.fill(0)
          }
      }
    }
  })
})

describe('a journal that is compressed', () => {
  it('takes less room where that is to be had, and says so in no other way', () => {
    const written = (['none', 'zstd'] as const).map(compression => {
      const files = new SimulatedFiles({ seed: 1 })
      const journal = openOn(files, { compression }) as JournalStep
      const random = new SeededRandom(1)
      for (let i = 1; i <= 20; i++) {
        const noise = Array.from({ length: 600 }, () => random.u32().toString(36)).join('')
        appendText(journal, i % 2 === 0 ? 'the same again '.repeat(500) : noise)
        journal.step()
      }
      expect(entriesOf(journal).get(2)).toBe('the same again '.repeat(500))
      return journal.bytesWritten
    })
    expect(written[1]).toBeLessThan((written[0] as number) - 10 * 4 * KIB + 1)
  })

  it('is opened and read without being told, and may be gone back on', () => {
    const files = new SimulatedFiles({ seed: 1 })
    for (const [i, compression] of (['zstd', 'none', 'zstd'] as const).entries()) {
      const journal = openOn(files, { compression }) as JournalStep
      appendText(journal, `${i}`.repeat(9000))
      run(journal.close())
    }
    expect([...entriesOf(openOn(files) as JournalStep).values()]).toEqual(['0', '1', '2'].map(text => text.repeat(9000)))
  })
})

describe('a log on a thread of its own', () => {
  it('is encrypted and compressed by the same options', async () => {
    using dir = temporaryDirectory()
    for (let life = 0; life < 2; life++) {
      const log = await openLog(dir.path, { segmentBytes: 64 * KIB, encryption, compression })
      await log.durable(log.append(new TextEncoder().encode(secret.repeat(100))).lsn)
      const texts: string[] = []
      for await (const batch of log.read(1)) texts.push(...batch.map(({ data }) => new TextDecoder().decode(data)))
      expect(texts).toEqual(Array.from({ length: life + 1 }, () => secret.repeat(100)))
      await log.close()
    }
    await expect(openLog(dir.path, { segmentBytes: 64 * KIB })).rejects.toMatchObject({ code: 'DX_KEY', details: { key: 'k1' } })
  })
})
