import type { LinkEvent, Transport } from '@disruptorx/contracts'
import { FrameWriter } from '@disruptorx/serializer'
import { SeededRandom, seeds } from '@disruptorx/testkit'
import { createTransport, type TransportOptions } from '@disruptorx/transport'
import { tcp } from '@disruptorx/transport/tcp'
import { afterEach, describe, expect, it } from 'vitest'
import { writeHello } from '../src/handshake/messages.ts'
import * as kinds from '../src/protocol/frame-kinds.ts'
import { hello, proof, RawPeer, u32 } from './raw-peer.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

/** A node `b` under attack, and a node `a` that has an honest link with it. */
class Target {
  readonly b: Transport
  readonly a: Transport
  readonly events: LinkEvent[] = []
  address = ''
  #wake = () => {}

  constructor(options: Partial<TransportOptions>) {
    this.b = createTransport({ node: 'b', cluster: 'test', carriers: [tcp()], ...options })
    this.a = createTransport({ node: 'a', cluster: 'test', carriers: [tcp()] })
    cleanUp.push(() => Promise.all([this.a.close(), this.b.close()]))
    this.b.onRequest(({ body }) => body)
    this.b.onLink(event => {
      this.events.push(event)
      this.#wake()
    })
  }

  static async make(options: Partial<TransportOptions> = {}): Promise<Target> {
    const target = new Target(options)
    target.address = (await target.b.listen('tcp://127.0.0.1:0')).address
    await target.a.dial(target.address)
    return target
  }

  /** Why the connection of somebody else than `a` did not become a link, or ended: the code of the first reason. */
  async verdict(): Promise<unknown> {
    const found = () =>
      this.events.find(event => (event.kind === 'refused' || event.kind === 'down') && !(event.kind === 'down' && event.peer.node === 'a'))
    while (found() === undefined)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    return (found() as { reason?: { code?: unknown } }).reason?.code
  }

  /** The honest link lives: neither end ever lost it. */
  async isWell(): Promise<boolean> {
    const answer = await this.a.request('b', Uint8Array.of(42))
    return answer[0] === 42 && this.a.peers()[0]?.link === 1
  }
}

async function connected(options: Partial<TransportOptions> = {}) {
  const target = await Target.make(options)
  const peer = await RawPeer.connect(target.address)
  cleanUp.push(() => peer.socket.destroy())
  return { target, peer }
}

async function linked(options: Partial<TransportOptions> = {}) {
  const target = await Target.make(options)
  const peer = await RawPeer.linked(target.address)
  cleanUp.push(() => peer.socket.destroy())
  return { target, peer }
}

describe('a stranger that connects', () => {
  it.each([
    ['sends garbage', new Uint8Array(100).fill(0xaa), 'DX_FRAME_DATA'],
    ['speaks HTTP', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'DX_FRAME_DATA'],
    ['leaves in the middle of a batch', new Uint8Array([0x44, 0x58, 1]), 'DX_LINK_LOST'],
  ])('and %s is cut off', async (_, bytes, code) => {
    const { target, peer } = await connected()
    peer.socket.write(bytes)
    if (code === 'DX_LINK_LOST') peer.socket.end()
    await peer.closed()
    expect([await target.verdict(), await target.isWell()]).toEqual([code, true])
  })

  it('and says nothing, or a byte now and then, is cut off when the time for a handshake is over', async () => {
    const { target, peer } = await connected({ handshakeMs: 100 })
    const timer = setInterval(() => peer.socket.write(Uint8Array.of(0x44)), 200)
    cleanUp.push(() => clearInterval(timer))
    await peer.closed()
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_TIMEOUT', true])
  })

  it('and sends a handshake without an end is cut off', async () => {
    const { target, peer } = await connected()
    // The header of a batch of 1 MB, which never is whole.
    peer.socket.write(headerOf(1_000_000))
    for (let i = 0; i < 10; i++) peer.socket.write(new Uint8Array(64 * 1024))
    await peer.closed()
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_PEER_PROTOCOL', true])
  })

  it.each([
    ['messages before a handshake', [[kinds.MESSAGE, new Uint8Array(8)]]],
    ['its proof first', [[kinds.PROOF, proof()]]],
    ['that it is ready first', [[kinds.READY, new Uint8Array(0)]]],
    [
      'two hellos',
      [
        [kinds.HELLO, writeHello(hello)],
        [kinds.HELLO, writeHello(hello)],
      ],
    ],
    [
      'an offer that is not its part',
      [
        [kinds.HELLO, writeHello(hello)],
        [kinds.PROOF, proof()],
        [kinds.OPEN, u32(1)],
      ],
    ],
    ['half a hello', [[kinds.HELLO, writeHello(hello).subarray(0, 70)]]],
    [
      'half a proof',
      [
        [kinds.HELLO, writeHello(hello)],
        [kinds.PROOF, proof().subarray(0, 3)],
      ],
    ],
    ['a name that is none', [[kinds.HELLO, writeHello({ ...hello, node: 'raw\u001b[2J' })]]],
    ['limits that leave no room', [[kinds.HELLO, writeHello({ ...hello, limits: { ...hello.limits, maxFrameBytes: 10 } })]]],
  ] as [string, [number, Uint8Array][]][])('and sends %s is refused', async (_, frames) => {
    const { target, peer } = await connected()
    for (const [kind, payload] of frames) peer.send(kind, payload)
    await peer.closed()
    await expect(peer.frame(99)).rejects.toThrow('the peer refused')
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_PEER_PROTOCOL', true])
  })

  it('and speaks another version is refused by name', async () => {
    const { target, peer } = await connected()
    const later = writeHello(hello)
    later.set([2, 9])
    peer.send(kinds.HELLO, later)
    await peer.closed()
    await expect(peer.frame(99)).rejects.toThrow('versions 2 to 9 of the link protocol are spoken at one end, 1 to 1 at the other')
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_PEER_VERSION', true])
  })

  it('too often from one address is turned away, and nobody else', async () => {
    const target = await Target.make({ admission: { maxPerAddress: 5, perSecondPerAddress: 1_000 } })
    const peers = await Promise.all(Array.from({ length: 20 }, () => RawPeer.connect(target.address)))
    cleanUp.push(() => peers.map(({ socket }) => socket.destroy()))
    await Promise.all(peers.slice(4).map(peer => peer.closed()))
    expect([peers.filter(({ isClosed }) => isClosed).length, target.b.stats().turnedAway]).toEqual([16, 16])
    expect(await target.isWell()).toBe(true)
    for (const { socket } of peers) socket.destroy()
  })

  it('too fast from one address is turned away', async () => {
    const target = await Target.make({ admission: { perSecondPerAddress: 1 } })
    // One token was for `a`.
    const peers = await Promise.all(Array.from({ length: 6 }, () => RawPeer.connect(target.address)))
    cleanUp.push(() => peers.map(({ socket }) => socket.destroy()))
    await Promise.all(peers.slice(2).map(peer => peer.closed()))
    expect(target.b.stats().turnedAway).toBeGreaterThanOrEqual(4)
    expect(await target.isWell()).toBe(true)
  })
})

/** The header of a batch that is never sent: what a hostile end announces. */
function headerOf(bytes: number): Uint8Array {
  const writer = new FrameWriter()
  writer.append(0, 0, new Uint8Array(bytes))
  return writer.take().slice(0, 24)
}

describe('a peer with a link', () => {
  it.each([
    ['a frame of a kind that is not known', [[99, u32(1)]]],
    ['a frame that is too short', [[kinds.REQUEST, u32(1)]]],
    [
      'a request twice',
      [
        [kinds.REQUEST, u32(5, 0, 0, 0, 0)],
        [kinds.REQUEST, u32(5, 0, 0, 0, 0)],
      ],
    ],
    ['a piece of a stream that was not opened', [[kinds.STREAM_DATA, u32(1, 1)]]],
    [
      'a stream twice',
      [
        [kinds.STREAM_OPEN, u32(1)],
        [kinds.STREAM_OPEN, u32(1)],
      ],
    ],
    ['a header of a stream that is too long', [[kinds.STREAM_OPEN, u32(1, ...new Uint8Array(4097))]]],
    [
      'more of a stream than there is room for',
      [
        [kinds.STREAM_OPEN, u32(1)],
        [kinds.STREAM_DATA, u32(1, ...new Uint8Array(5_000))],
      ],
    ],
    [
      'more small pieces than there is room for',
      [[kinds.STREAM_OPEN, u32(1)], ...Array.from({ length: 17 }, () => [kinds.STREAM_DATA, u32(1, 1)])],
    ],
    [
      'more of a stream that has ended',
      [
        [kinds.STREAM_OPEN, u32(1)],
        [kinds.STREAM_END, u32(1)],
        [kinds.STREAM_DATA, u32(1, 1)],
      ],
    ],
    ['more streams than are read', [1, 2, 3].map(id => [kinds.STREAM_OPEN, u32(id)])],
    ['a hello again', [[kinds.HELLO, writeHello(hello)]]],
  ] as [string, [number, Uint8Array][]][])('that sends %s is cut off', async (_, frames) => {
    const { target, peer } = await linked({ streamWindowBytes: 4096, maxStreams: 2 })
    target.b.onRequest(() => new Promise(() => {}))
    target.b.onStream(() => {})
    for (const [kind, payload] of frames) peer.send(kind, payload)
    await peer.closed()
    expect(await target.verdict()).toBe('DX_PEER_PROTOCOL')
    expect(new TextDecoder().decode(await peer.frame(kinds.GOODBYE))).toContain('broke the protocol')
    target.b.onRequest(({ body }) => body)
    expect(await target.isWell()).toBe(true)
  })

  it('that gives more credit than there can be, or is done with what has not ended, is cut off', async () => {
    for (const [kind, payload] of [
      [kinds.STREAM_CREDIT, u32(1, 1, 0, 0, 0)],
      [kinds.STREAM_DONE, u32(1)],
    ] as const) {
      const { target, peer } = await linked()
      await target.b.ready('raw')
      const stream = target.b.openStream('raw', Uint8Array.of(1))
      await peer.frame(kinds.STREAM_OPEN)
      peer.send(kind, payload)
      await peer.closed()
      expect(await target.verdict()).toBe('DX_PEER_PROTOCOL')
      await expect(stream.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'DX_PEER_PROTOCOL' })
    }
  })

  it.each([
    ['pings without an end', kinds.PING, new Uint8Array(16)],
    ['answers that nobody waits for', kinds.ANSWER, u32(77)],
    ['cancellations of nothing', kinds.CANCEL, u32(77)],
    ['credit for nothing', kinds.STREAM_CREDIT, u32(77, 1, 0, 0, 0)],
    ['requests beyond its limit', kinds.REQUEST, u32(0, 0, 0, 0, 0)],
  ])('that sends %s is cut off as a flood', async (_, kind, payload) => {
    const { target, peer } = await linked({ maxRequests: kind === kinds.REQUEST ? 0 : 10 })
    target.b.onRequest(({ body }) => body)
    if (kind === kinds.PING) for (let i = 0; i < 12_000; i++) peer.send(kind, pingAfter(i))
    else peer.flood(kind, payload, 25_000)
    await peer.closed()
    expect(await target.verdict()).toBe('DX_PEER_FLOOD')
    if (kind !== kinds.REQUEST) expect(await target.isWell()).toBe(true)
  })

  it('that sends more than a second may have is cut off, where there is a limit', async () => {
    const { target, peer } = await linked({ heartbeatMs: 50, maxFramesPerSecond: 1_000 })
    peer.flood(kinds.MESSAGE, new Uint8Array(8), 5_000)
    await peer.closed()
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_PEER_FLOOD', true])
    const other = await linked({ heartbeatMs: 50, maxBytesPerSecond: 100_000 })
    other.peer.flood(kinds.MESSAGE, new Uint8Array(1_000), 500)
    await other.peer.closed()
    expect([await other.target.verdict(), await other.target.isWell()]).toEqual(['DX_PEER_FLOOD', true])
  })

  it('whose frames do not add up is cut off', async () => {
    const { target, peer } = await linked()
    peer.send(kinds.PING, pingAfter(3))
    await peer.closed()
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_LINK_GAP', true])
  })

  it('that falls silent is given up', async () => {
    const { target } = await linked({ heartbeatMs: 20, deadAfterMs: 100 })
    expect([await target.verdict(), await target.isWell()]).toEqual(['DX_PEER_SILENT', true])
  })

  it.each([
    ['never reads', 0],
    ['reads a few bytes now and then', 16],
  ])('that %s is given up, and what waits for it is bounded', async (_, bytes) => {
    const { target, peer } = await linked({ heartbeatMs: 50, deadAfterMs: 60_000, stallAfterMs: 400, queueBytes: 2 ** 21 })
    peer.socket.pause()
    peer.socket.removeAllListeners('data')
    const living = setInterval(() => peer.socket.write(Uint8Array.of()), 20)
    cleanUp.push(() => clearInterval(living))
    if (bytes > 0) {
      const reading = setInterval(() => peer.socket.read(bytes), 10)
      cleanUp.push(() => clearInterval(reading))
    }
    const message = new Uint8Array(100_000)
    let taken = 0
    for (let left = 200; left > 0; left--) {
      while (target.b.send('raw', message)) taken++
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    expect(await target.verdict()).toBe('DX_PEER_STALLED')
    expect(taken).toBeGreaterThan(20)
    const { mostQueuedBytes = 0 } = target.b.linkStats('raw') ?? {}
    expect(mostQueuedBytes).toBeLessThan(2 * 2 ** 21 + 200_000)
    expect(await target.isWell()).toBe(true)
  })

  it('that sends anything at all does no harm', async () => {
    const target = await Target.make({ handshakeMs: 200, heartbeatMs: 20, deadAfterMs: 100, admission: { perSecondPerAddress: 10_000 } })
    target.b.onStream(() => {})
    for (const seed of seeds(60)) {
      const random = new SeededRandom(seed)
      const peer = random.chance(0.5)
        ? await RawPeer.connect(target.address)
        : await RawPeer.linked(target.address, { boot: `${seed}`.padStart(16, '0') })
      for (let i = random.between(1, 20); i > 0 && !peer.isClosed; i--) {
        const payload = Uint8Array.from({ length: random.between(0, 200) }, () => random.u32())
        if (random.chance(0.9)) peer.send(random.pick(Object.values(kinds)), payload, random.below(65_536))
        else peer.socket.write(payload)
      }
      if (random.chance(0.5)) peer.socket.destroy()
      else peer.socket.end()
      await peer.closed()
    }
    expect(await target.isWell()).toBe(true)
  })
})

/** A ping of an end that says that it has sent so many frames before. */
function pingAfter(frames: number): Uint8Array {
  const payload = new Uint8Array(16)
  new DataView(payload.buffer).setFloat64(8, frames, true)
  return payload
}
