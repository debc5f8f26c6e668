import type { Carrier, LinkEvent, Pipe, PipeUser, Transport } from '@disruptorx/contracts'
import { CodecRegistry, msgpackCodec } from '@disruptorx/serializer'
import { FakeClock } from '@disruptorx/testkit'
import { createTransport, MemoryNetwork, type TransportOptions } from '@disruptorx/transport'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeScheduler } from './fake-pipe.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

/** Two nodes with a link in memory, of which `a` has dialled. */
async function pair(options: Partial<TransportOptions> = {}, carrierOf = (carrier: Carrier) => carrier) {
  const network = new MemoryNetwork()
  const [a, b] = ['a', 'b'].map(name =>
    createTransport({ node: name, cluster: 'test', carriers: [carrierOf(network.carrier())], ...options }),
  ) as [Transport, Transport]
  cleanUp.push(() => Promise.all([a.close(), b.close()]))
  await b.listen('memory://b')
  return { a, b, link: () => a.dial('memory://b') }
}

describe('at its bounds', () => {
  it('a transport is ready only when the largest message would be taken', async () => {
    const maxMessageBytes = 2 ** 20
    const { a, link } = await pair({ maxMessageBytes, queueBytes: maxMessageBytes + 8, flushBytes: 2 ** 24, flushAfterUs: 1_000_000 })
    await link()
    await a.ready('b')
    expect(a.send('b', new Uint8Array(300_000))).toBe(true)
    expect(a.send('b', new Uint8Array(maxMessageBytes))).toBe(false)
    await a.ready('b')
    expect(a.send('b', new Uint8Array(maxMessageBytes))).toBe(true)
  })

  it('an answer may be as large as a message', async () => {
    const { a, b, link } = await pair({ maxMessageBytes: 2 ** 25 })
    b.onRequest(() => new Uint8Array(20 * 2 ** 20).fill(3))
    await link()
    const answers = await Promise.all([a.request('b', new Uint8Array(1)), a.request('b', new Uint8Array(1))])
    expect(answers.map(({ length }) => length)).toEqual([20 * 2 ** 20, 20 * 2 ** 20])
  })

  it('types whose description is more than the peer takes are refused by name', async () => {
    const structures = [Array.from({ length: 250 }, (_, i) => `a key of a long name ${i}`)]
    const codecs = new CodecRegistry<unknown>([[1, msgpackCodec({ structures })]])
    const { link } = await pair({ codecs, maxMessageBytes: 4096 })
    await expect(link()).rejects.toMatchObject({ code: 'DX_PEER_CODECS', message: expect.stringContaining('maxMessageBytes') })
    const { a, link: large } = await pair({ codecs, maxMessageBytes: 16_384 })
    await large()
    expect(a.peers()).toHaveLength(1)
  })

  it('a connection that neither comes nor fails is given up, and tried again', async () => {
    const [clock, scheduler] = [new FakeClock(), new FakeScheduler()]
    const dials: string[] = []
    const carrier: Carrier = {
      scheme: 'slow',
      listen: () => Promise.reject(new Error('only dials')),
      dial(address) {
        dials.push(address)
        return () => void dials.push('given up')
      },
    }
    const a = createTransport({ node: 'a', cluster: 'test', carriers: [carrier], clock, scheduler })
    const events: LinkEvent[] = []
    a.onLink(event => void events.push(event))
    const linked = a.dial('slow:there', { timeoutMs: 600_000 })
    const pass = (ms: number, delayMs: number) => {
      clock.advance(ms)
      scheduler.run(delayMs)
    }
    pass(14_999, 14_999)
    expect(dials).toEqual(['slow:there'])
    pass(1, 15_000)
    expect(dials).toEqual(['slow:there', 'given up'])
    expect(events).toMatchObject([{ kind: 'unreachable', attempt: 1, reason: { code: 'DX_UNREACHABLE' } }])
    pass(50, 50)
    expect(dials).toEqual(['slow:there', 'given up', 'slow:there'])
    const closed = a.close()
    await expect(linked).rejects.toMatchObject({ code: 'DX_CLOSED' })
    await closed
    expect([dials.at(-1), scheduler.delays]).toEqual(['given up', []])
  })
})

describe('a carrier that loses what was written last', () => {
  /** A carrier whose pipes, at the end that dials, lose the next write when told to. */
  function losing(carrier: Carrier, loses: { next: boolean }): Carrier {
    const wrapped = (pipe: Pipe): Pipe => {
      let user: PipeUser | undefined
      return Object.assign(Object.create(pipe) as Pipe, {
        open(given: PipeUser) {
          user = given
          pipe.open(given)
        },
        write(bytes: Uint8Array) {
          if (!loses.next) return pipe.write(bytes)
          loses.next = false
          queueMicrotask(() => user?.written())
        },
        pause: () => pipe.pause(),
        resume: () => pipe.resume(),
        end: () => pipe.end(),
        destroy: () => pipe.destroy(),
      })
    }
    return { ...carrier, dial: (address, terms, opened, failed) => carrier.dial(address, terms, pipe => opened(wrapped(pipe)), failed) }
  }

  it('makes no silent gap, though the link is closed before the next ping', async () => {
    const loses = { next: false }
    const { a, b, link } = await pair({ heartbeatMs: 60_000 }, carrier => losing(carrier, loses))
    const down = new Promise<LinkEvent>(resolve => void b.onLink(event => event.kind === 'down' && resolve(event)))
    await link()
    await a.request('b', new Uint8Array(1)).catch(() => {})
    loses.next = true
    a.send('b', new Uint8Array(10))
    while (loses.next) await new Promise(resolve => setImmediate(resolve))
    await a.close()
    expect(await down).toMatchObject({ reason: { code: 'DX_LINK_GAP' } })
  })
})
