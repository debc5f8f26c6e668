import type { Transport } from '@disruptorx/contracts'
import { createTransport, MemoryNetwork } from '@disruptorx/transport'
import { afterEach, describe, expect, it } from 'vitest'

const open: Transport[] = []
afterEach(() => Promise.all(open.splice(0).map(transport => transport.close())))

function node(network: MemoryNetwork, name: string): Transport {
  const transport = createTransport({ node: name, cluster: 'test', carriers: [network.carrier()] })
  open.push(transport)
  return transport
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (of: Uint8Array) => new TextDecoder().decode(of)

describe('two nodes of one process', () => {
  it('make one link when both dial at once, and exchange messages, answers and streams', async () => {
    const network = new MemoryNetwork()
    const [a, b] = [node(network, 'a'), node(network, 'b')]
    const heard: string[] = []
    b.onMessage((peer, message) => void heard.push(`${peer}: ${text(message.payload())} of type ${message.type}`))
    b.onRequest(({ body }) => bytes(`you said ${text(body)}`))
    b.onStream(async stream => {
      let length = 0
      for await (const piece of stream) length += piece.length
      heard.push(`${text(stream.header)}: ${length}`)
    })
    await Promise.all([a.listen('memory://a'), b.listen('memory://b')])
    expect(await Promise.all([a.dial('memory://b'), b.dial('memory://a')])).toEqual(['b', 'a'])
    expect(a.send('b', bytes('hello'), 7)).toBe(true)
    expect(text(await a.request('b', bytes('question')))).toBe('you said question')
    const stream = a.openStream('b', bytes('snapshot'))
    await stream.write(new Uint8Array(1_000_000))
    await stream.end()
    expect(heard).toEqual(['a: hello of type 7', 'snapshot: 1000000'])
    expect([a.stats().links, b.stats().links]).toEqual([1, 1])
  })
})
