import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { temporaryDirectory } from '@disruptorx/testkit'
import { openLog } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { encode, KIB, rejection, textsOf } from './journals.ts'

describe('an opening on a thread that is refused', () => {
  it('changes nothing in its directory, and is whole when the missing segment is put back', async () => {
    using dir = temporaryDirectory()
    const small = { segmentBytes: 64 * KIB }
    const texts = Array.from({ length: 30 }, (_, i) => `${i}/`.padEnd(10_000, 'x'))
    const log = await openLog(dir.path, small)
    for (const text of texts) await log.durable(log.append(encode(text), 1).lsn)
    await log.close()
    const contentsOf = () => new Map(readdirSync(dir.path).map(name => [name, readFileSync(dir.join(name))]))
    const whole = contentsOf()
    for (const missing of ['000001.seg', '000003.seg']) {
      rmSync(dir.join(missing))
      const before = contentsOf()
      for (let attempt = 0; attempt < 2; attempt++) {
        expect(await rejection(openLog(dir.path, small))).toMatchObject({ code: 'DX_SEGMENT_MISSING' })
        expect(contentsOf()).toEqual(before)
      }
      writeFileSync(dir.join(missing), whole.get(missing) as Buffer)
    }
    const again = await openLog(dir.path, small)
    expect(await textsOf(again)).toEqual(texts)
    await again.close()
  })
})
