import type { Metrics } from '@disruptorx/contracts'
import { createTransport, MemoryNetwork, observeTransport } from '@disruptorx/transport'
import { expect, it } from 'vitest'

/** Metrics that keep what they are told. */
function recorder() {
  const values = new Map<string, number>()
  const key = (name: string, labels = {}) => [name, ...Object.values(labels)].join(' ')
  const metrics: Metrics = {
    counter: (name, labels) => ({ add: count => void values.set(key(name, labels), (values.get(key(name, labels)) ?? 0) + count) }),
    gauge: (name, labels) => ({ set: value => void values.set(key(name, labels), value) }),
    histogram: () => ({ record: () => undefined }),
  }
  return { metrics, values }
}

it('the figures of a transport go where metrics go, each difference once', async () => {
  const network = new MemoryNetwork()
  const [a, b] = ['a', 'b'].map(node => createTransport({ node, cluster: 'test', carriers: [network.carrier()] })) as [
    ReturnType<typeof createTransport>,
    ReturnType<typeof createTransport>,
  ]
  const { metrics, values } = recorder()
  const observer = observeTransport(a, metrics)
  observer.sample()
  expect(values.get('transport.links')).toBe(0)
  await b.listen('memory://b')
  b.onRequest(({ body }) => body)
  await a.dial('memory://b')
  for (let i = 0; i < 10; i++) a.send('b', new Uint8Array(1_000))
  await a.request('b', new Uint8Array(1))
  observer.sample()
  const sent = values.get('link.sentFrames b') ?? 0
  expect(sent).toBeGreaterThanOrEqual(11)
  expect(values.get('link.sentBytes b')).toBeGreaterThan(10_000)
  expect([values.get('link.isUp b'), values.get('transport.links'), values.get('link.reconnects b')]).toEqual([1, 1, 0])
  expect(values.get('link.requestP99Us b')).toBeGreaterThan(0)
  await b.close()
  await new Promise(resolve => setTimeout(resolve, 10))
  observer.sample()
  expect([values.get('link.isUp b'), values.get('transport.links'), values.get('link.sentFrames b')]).toEqual([
    0,
    0,
    a.linkStats('b')?.sent.frames,
  ])
  await a.close()
})
