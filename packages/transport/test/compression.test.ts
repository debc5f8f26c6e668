import type { Transport } from '@disruptorx/contracts'
import { builtInCompressors, type Compressor } from '@disruptorx/serializer'
import { createTransport } from '@disruptorx/transport'
import { tcp } from '@disruptorx/transport/tcp'
import { afterEach, describe, expect, it } from 'vitest'

const open: Transport[] = []
afterEach(() => Promise.all(open.splice(0).map(transport => transport.close())))

const COUNT = 200
const text = new TextEncoder().encode('{"symbol":"ACME","side":"buy","price":1000,"size":10}'.repeat(200))

/** Sends the same text over and over, and returns what that was on the wire, for each byte of it. */
async function wireBytesPerByte(ofA: readonly Compressor[], ofB: readonly Compressor[]): Promise<number> {
  const [a, b] = [ofA, ofB].map((compressors, i) =>
    createTransport({ node: 'ab'[i] ?? '', cluster: 'test', carriers: [tcp()], compressors }),
  ) as [Transport, Transport]
  open.push(a, b)
  let same = 0
  b.onMessage((_, message) => {
    if (Buffer.compare(message.payload(), text) === 0) same++
  })
  b.onRequest(({ body }) => body)
  await a.dial((await b.listen('tcp://127.0.0.1:0')).address)
  for (let i = 0; i < COUNT; i++) while (!a.send('b', text)) await a.ready('b')
  await a.request('b', new Uint8Array(0))
  expect(same).toBe(COUNT)
  return (a.linkStats('b')?.sent.bytes ?? 0) / (COUNT * text.length)
}

describe('batches of a link', () => {
  it('are compressed by a way that both ends know, where that pays', async () => {
    expect(await wireBytesPerByte(builtInCompressors(), builtInCompressors())).toBeLessThan(0.2)
    const [deflate] = builtInCompressors().filter(({ name }) => name === 'deflate')
    expect(await wireBytesPerByte(builtInCompressors(), deflate === undefined ? [] : [deflate])).toBeLessThan(0.2)
  })

  it('are sent as they are to an end that knows none', async () => {
    expect(await wireBytesPerByte(builtInCompressors(), [])).toBeGreaterThan(1)
    expect(await wireBytesPerByte([], builtInCompressors())).toBeGreaterThan(1)
  })
})
