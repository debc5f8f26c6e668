import type { OutgoingStream, Transport } from '@disruptorx/contracts'
import { createTransport, MemoryNetwork } from '@disruptorx/transport'
import { type TransportPlace, transportCases } from '@disruptorx/transport/compliance'
import { describe, expect, it } from 'vitest'

/** Changes some methods of a transport. */
function changed(transport: Transport, changes: (of: Transport) => Partial<Transport>): Transport {
  const own = changes(transport)
  return new Proxy(transport, {
    get(target, key) {
      const value = (own as Record<PropertyKey, unknown>)[key] ?? Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function placeOf(changes: (of: Transport) => Partial<Transport>): TransportPlace {
  const network = new MemoryNetwork()
  return {
    make: options => changed(createTransport({ ...options, carriers: [network.carrier()] }), changes),
    address: node => `memory://${node}`,
    sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  }
}

/** Ways to be no transport: each with the case that finds it out. */
const broken: readonly [what: string, found: string, changes: (of: Transport) => Partial<Transport>][] = [
  [
    'lets a message overtake another now and then',
    'keeps the order of messages, and copies what it takes',
    transport => {
      let held: Uint8Array | undefined
      let calls = 0
      return {
        send(peer, message, type, offset = 0, length = message.length - offset) {
          if (++calls % 1_000 === 500 && held === undefined) {
            held = message.slice(offset, offset + length)
            return true
          }
          const isTaken = transport.send(peer, message, type, offset, length)
          if (isTaken && held !== undefined && transport.send(peer, held, type)) held = undefined
          return isTaken
        },
      }
    },
  ],
  [
    'keeps what it was given instead of a copy',
    'keeps the order of messages, and copies what it takes',
    transport => ({
      send(peer, message, type, offset, length) {
        queueMicrotask(() => transport.send(peer, message, type, offset, length))
        return true
      },
    }),
  ],
  [
    'says that it took what it did not take',
    'takes no more than its queue holds, tells so, and tells when there is room',
    transport => ({
      send(...args) {
        transport.send(...args)
        return true
      },
    }),
  ],
  [
    'forgets the type',
    'carries messages of any size both ways, with their types',
    transport => ({ send: (peer, message) => transport.send(peer, message) }),
  ],
  [
    'says that a stream was consumed when it was sent',
    'carries streams of any size whole, and says when they are consumed',
    transport => ({
      openStream(peer, header): OutgoingStream {
        const stream = transport.openStream(peer, header)
        return {
          peer,
          write: bytes => stream.write(bytes),
          end() {
            stream.end().catch(() => {})
            return Promise.resolve()
          },
          abort: reason => stream.abort(reason),
        }
      },
    }),
  ],
  [
    'believes whoever is there',
    'refuses peers of another cluster, another name, or its own name',
    transport => ({
      dial: (address, options = {}) => transport.dial(address, { ...(options.timeoutMs ? { timeoutMs: options.timeoutMs } : {}) }),
    }),
  ],
]

describe('the suite for transports', () => {
  it.concurrent.each(broken)('finds one that %s', { timeout: 10_000 }, async (_, found, changes) => {
    const [one] = transportCases({ make: () => placeOf(changes) }).filter(({ name }) => name === found)
    if (one === undefined) expect.unreachable(`there is no case '${found}'`)
    await expect(one.run()).rejects.toThrow(/^the transport /)
  })
})
