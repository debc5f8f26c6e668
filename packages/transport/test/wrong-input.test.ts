import { createTransport, MemoryNetwork } from '@disruptorx/transport'
import { expect, it } from 'vitest'

const refusal = (option: string) => expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) })

it('refuses to send what is no bytes, so that no text crosses a link as zeros', async () => {
  const network = new MemoryNetwork()
  await using a = createTransport({ node: 'a', cluster: 'c', carriers: [network.carrier()] })
  await using b = createTransport({ node: 'b', cluster: 'c', carriers: [network.carrier()] })
  await b.listen('memory://b')
  await a.dial('memory://b')
  for (const value of ['text', [1, 2], new Uint16Array(2), new ArrayBuffer(2)] as unknown as Uint8Array[]) {
    expect(() => a.send('b', value)).toThrow(refusal('message'))
    await expect(a.request('b', value)).rejects.toThrow(refusal('body'))
  }
  expect(a.send('b', Buffer.from('text'))).toBe(true)
})

it.each([undefined, null, [], 'tcp'])('refuses %j for carriers', carriers => {
  expect(() => createTransport({ node: 'a', cluster: 'c', carriers: carriers as never })).toThrow(refusal('carriers'))
})

it.each([null, {}, [], 'json'])('refuses %j for codecs, and shows how they are given', codecs => {
  const options = { node: 'a', cluster: 'c', carriers: [new MemoryNetwork().carrier()], codecs: codecs as never }
  expect(() => createTransport(options)).toThrow(refusal('codecs'))
  expect(() => createTransport(options)).toThrow('new CodecRegistry(')
})
