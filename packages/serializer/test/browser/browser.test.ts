import { type Browser, bundle, launchBrowser } from '@disruptorx/browser'
import { builtInCompressors, msgpackCodec } from '@disruptorx/serializer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeAll, encodeAll } from '../support/batches.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.[Symbol.asyncDispose]())

const codec = msgpackCodec({ structures: [['id', 'note']] })
const deflate = builtInCompressors().find(({ name }) => name === 'deflate') ?? expect.unreachable()

/** A compressed batch of values, as Node writes it to a browser. */
function written(): string {
  const target = new Uint8Array(100)
  const payloads = Array.from({ length: 50 }, (_, id) => target.slice(0, codec.encode({ id, note: 'from Node' }, target, 0)))
  const compression = { id: deflate.id, compress: deflate.compress }
  return Buffer.from(encodeAll(payloads, { compression })).toString('hex')
}

it('a browser and Node read what the other one wrote, compressed by deflate', async () => {
  const script = await bundle(new URL('pages/frames.mjs', import.meta.url))
  const { reports, console, errors } = await browser.open({ files: { '/main.js': script, '/from-node': written() } })
  expect({ console, errors }).toEqual({ console: [], errors: [] })
  const report = reports[0] as { written: string }
  expect(report).toEqual({
    compressors: ['deflate'],
    written: expect.stringMatching(/^44580101/),
    back: 100,
    fromNode: Array.from({ length: 50 }, (_, id) => [1, { id, note: 'from Node' }]),
    fromShared: new Array(2).fill({ text: 'é漢😀'.repeat(40) }),
    json: [{ a: 'é' }],
    codes: ['DX_FRAME_COMPRESSION'],
  })
  const frames = decodeAll(Buffer.from(report.written, 'hex'), { compressors: builtInCompressors() })
  const values = frames.map(({ payload }) => codec.decode(Buffer.from(payload, 'hex'), 0, payload.length / 2))
  expect(values).toEqual(Array.from({ length: 100 }, (_, id) => ({ id, note: 'from the browser' })))
})
