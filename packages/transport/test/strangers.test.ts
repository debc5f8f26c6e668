import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Carrier, LinkEvent, PipeAcceptor, Transport } from '@disruptorx/contracts'
import { type Compressor, FrameWriter } from '@disruptorx/serializer'
import { createTransport, type TransportOptions } from '@disruptorx/transport'
import { tcp, tls } from '@disruptorx/transport/tcp'
import { ws } from '@disruptorx/transport/ws'
import { afterEach, describe, expect, it } from 'vitest'
import { writeHello } from '../src/handshake/messages.ts'
import { clusterCredentials } from './certificates.ts'
import { FakePipe } from './fake-pipe.ts'
import { HELLO, hello, PROOF, proof, RawPeer, READY, REFUSE } from './raw-peer.ts'

/** What somebody can make a node spend, or keep, who has not proved that he may. */

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

function node(carrier: Carrier, options: Partial<TransportOptions> = {}): { b: Transport; events: LinkEvent[] } {
  const b = createTransport({ node: 'b', cluster: 'test', carriers: [carrier], ...options })
  const events: LinkEvent[] = []
  b.onLink(event => void events.push(event))
  cleanUp.push(() => b.close())
  return { b, events }
}

const reasons = (events: readonly LinkEvent[]) =>
  events.flatMap(event => ('reason' in event ? (event.reason as { code?: string }).code : []))

async function rawConnection(address: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(address.split(':')[2]?.split('/')[0]) })
  socket.on('error', () => {})
  cleanUp.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Resolves when a socket is gone, whatever was wrong with it. */
async function gone(socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.closed) await new Promise<void>(resolve => void socket.once('close', () => resolve()))
}

describe('a compressed batch', () => {
  /** One byte for any number of them. */
  class Bomb implements Compressor {
    readonly id = 200
    readonly name = 'bomb'
    unpacked = 0
    readonly #plain: Uint8Array

    constructor(plain: Uint8Array) {
      this.#plain = plain
    }

    compress(): Uint8Array {
      return Uint8Array.of(1)
    }

    decompress(_: Uint8Array, plainBytes: number): Uint8Array {
      this.unpacked++
      return this.#plain.slice(0, plainBytes)
    }
  }

  function packed(kind: number, payload: Uint8Array): { bomb: Bomb; bytes: Uint8Array } {
    const writer = new FrameWriter()
    writer.append(0, kind, payload)
    const bomb = new Bomb(writer.take().slice(24))
    const compressed = new FrameWriter({ compression: bomb })
    compressed.append(0, kind, payload)
    return { bomb, bytes: compressed.take() }
  }

  it('of somebody who has not proved who he is, is not unpacked', async () => {
    const { bomb, bytes } = packed(HELLO, writeHello(hello))
    const { b, events } = node(tcp(), { compressors: [bomb] })
    const peer = await RawPeer.connect((await b.listen('tcp://127.0.0.1:0')).address)
    peer.socket.write(bytes)
    await peer.closed()
    expect([bomb.unpacked, reasons(events)]).toEqual([0, ['DX_PEER_PROTOCOL']])
  })

  it('is read from the proof on', async () => {
    const { bomb, bytes } = packed(READY, new Uint8Array(0))
    const { b } = node(tcp(), { compressors: [bomb] })
    const up = new Promise<void>(resolve => void b.onLink(({ kind }) => kind === 'up' && resolve()))
    const peer = await RawPeer.connect((await b.listen('tcp://127.0.0.1:0')).address)
    peer.send(HELLO, writeHello(hello))
    peer.send(PROOF, proof())
    await peer.frame(PROOF)
    peer.socket.write(bytes)
    await up
    expect(bomb.unpacked).toBe(1)
    peer.socket.destroy()
  })
})

describe('a WebSocket', () => {
  const request = [
    'GET / HTTP/1.1',
    'Host: here',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '',
    '',
  ].join('\r\n')
  /** Pings of 125 bytes each, masked with zeros. */
  const pings = (count: number) => Buffer.alloc(131 * count, Buffer.from([0x89, 0xfd, 0, 0, 0, 0, ...new Uint8Array(125)]))

  async function upgraded(): Promise<{ socket: Socket; received: () => number }> {
    const { b } = node(ws(), { handshakeMs: 600_000 })
    const socket = await rawConnection((await b.listen('ws://127.0.0.1:0')).address)
    socket.write(request)
    await once(socket, 'data')
    let bytes = 0
    socket.on('data', chunk => {
      bytes += chunk.length
    })
    return { socket, received: () => bytes }
  }

  it('that pings is answered', async () => {
    const { socket, received } = await upgraded()
    socket.write(pings(1))
    while (received() < 127) await once(socket, 'data')
    expect(received()).toBe(127)
  })

  it('that pings without end and reads nothing does not fill the memory', async () => {
    const { socket, received } = await upgraded()
    socket.pause()
    const many = pings(8_000)
    const rounds = 60
    for (let i = 0; i < rounds; i++) if (!socket.write(many)) await once(socket, 'drain')
    // The system keeps some of the answers, and the node next to none.
    socket.end()
    await gone(socket)
    expect(received()).toBeLessThan((rounds * 8_000 * 127) / 2)
  })
})

describe('what is not finished when a node closes', () => {
  it.each([
    ['TLS', async () => tls({ credentials: await clusterCredentials() }), 'tls://127.0.0.1:0'],
    ['WebSocket', async () => ws(), 'ws://127.0.0.1:0'],
  ])('in the beginning of %s ends at once', async (_, carrier, here) => {
    const { b, events } = node(await carrier())
    const admitted = new Promise<void>(resolve => void b.onLink(() => resolve()))
    const { address } = await b.listen(here)
    const socket = await rawConnection(address)
    // Another one that is refused for what it says came after it: so that one was let in.
    ;(await rawConnection(address)).end('garbage\r\n\r\n')
    await admitted
    events.length = 0
    await b.close()
    await gone(socket)
    expect(reasons(events)).toEqual(['DX_CLOSED'])
  })

  it('and comes to a node that closes is refused, and ended when it is closed', async () => {
    let acceptor: PipeAcceptor | undefined
    const carrier: Carrier = {
      scheme: 'fake',
      listen: async (address, _terms, given) => {
        acceptor = given
        return { address, close: async () => {} }
      },
      dial: () => () => {},
    }
    const { b } = node(carrier, { lingerMs: 10 })
    await b.listen('fake:here')
    const pipes = [new FakePipe(), new FakePipe(), new FakePipe()] as const
    const come = (pipe: FakePipe) => acceptor?.admits('there') === true && acceptor.accept(pipe)
    come(pipes[0])
    const closed = b.close()
    come(pipes[1])
    await new Promise(resolve => setImmediate(resolve))
    expect(pipes.map(({ writes }) => writes.length)).toEqual([1, 1, 0])
    expect(pipes[1].take()[24 + 6]).toBe(REFUSE)
    await closed
    come(pipes[2])
    expect(pipes.map(({ state }) => state)).toEqual(['destroyed', 'destroyed', 'destroyed'])
  })
})

describe('an older incarnation', () => {
  it('whose hello came before the newer one had its link is refused when it proves itself', async () => {
    const { b, events } = node(tcp())
    const { address } = await b.listen('tcp://127.0.0.1:0')
    const older = await RawPeer.connect(address)
    cleanUp.push(() => older.socket.destroy())
    older.send(HELLO, writeHello({ ...hello, incarnation: 1 }))
    await older.frame(HELLO)
    const up = new Promise<void>(resolve => void b.onLink(({ kind }) => kind === 'up' && resolve()))
    const newer = await RawPeer.linked(address, { incarnation: 2, boot: '8899aabbccddeeff' })
    cleanUp.push(() => newer.socket.destroy())
    await up
    older.send(PROOF, proof())
    await expect(older.frame(PROOF)).rejects.toMatchObject({ code: 'DX_PEER_STALE' })
    expect([b.peers()[0]?.incarnation, reasons(events)]).toEqual([2, ['DX_PEER_STALE']])
  })
})

describe('a carrier that meets another one', () => {
  const carriers: Readonly<Record<string, () => Promise<Carrier>>> = {
    tcp: async () => tcp(),
    tls: async () => tls({ credentials: await clusterCredentials() }),
    ws: async () => ws(),
    wss: async () => ws({ tls: { credentials: await clusterCredentials() } }),
  }

  it.each([
    ['tcp', 'tls', 'it does not speak TLS'],
    ['tcp', 'wss', 'it does not speak TLS'],
    ['tcp', 'ws', undefined],
    ['tls', 'tcp', undefined],
    ['tls', 'ws', undefined],
    ['tls', 'wss', undefined],
    ['ws', 'tcp', undefined],
    ['ws', 'tls', 'it speaks HTTP without TLS'],
    ['ws', 'wss', 'it speaks HTTP without TLS'],
    ['wss', 'tcp', undefined],
    ['wss', 'tls', undefined],
    ['wss', 'ws', undefined],
  ])('%s at a listener of %s makes no link, and both ends say why', async (dials, listens, said) => {
    const [there, here] = [carriers[listens], carriers[dials]] as [() => Promise<Carrier>, () => Promise<Carrier>]
    const { b, events } = node(await there())
    const a = createTransport({ node: 'a', cluster: 'test', carriers: [await here()] })
    cleanUp.push(() => a.close())
    const refusedThere = new Promise<void>(resolve => void b.onLink(() => resolve()))
    const refusedHere = new Promise<string>(resolve => void a.onLink(({ kind }) => resolve(kind)))
    const { address } = await b.listen(`${listens}://127.0.0.1:0`)
    const dialled = a.dial(address.replace(listens, dials), { timeoutMs: 60_000 }).catch(error => error.code)
    expect(await refusedHere).toMatch(/^(unreachable|refused)$/)
    await refusedThere
    expect([events[0]?.kind, a.peers(), b.peers()]).toEqual(['refused', [], []])
    if (said !== undefined) expect(String((events[0] as { reason?: Error }).reason?.message)).toContain(said)
    await a.close()
    expect(await dialled).toBe('DX_CLOSED')
  })
})
