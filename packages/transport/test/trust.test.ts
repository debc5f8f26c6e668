import { createServer, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import type { LinkEvent, Transport } from '@disruptorx/contracts'
import { createTransport, type TransportOptions } from '@disruptorx/transport'
import { TlsCredentials, tcp, tls } from '@disruptorx/transport/tcp'
import { afterEach, describe, expect, it } from 'vitest'
import { readHello, writeHello } from '../src/handshake/messages.ts'
import { proofInput, type Role, type Transcript } from '../src/handshake/proof.ts'
import { platformMac as browserMac } from '../src/platform/mac-default.ts'
import { platformMac } from '../src/platform/mac-node.ts'
import { makeAuthority } from './certificates.ts'
import { HELLO, hello, PROOF, RawPeer, REFUSE } from './raw-peer.ts'

const SECRET = 'the secret of this cluster'
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

function node(name: string, options: Partial<TransportOptions> = {}): { transport: Transport; events: LinkEvent[] } {
  const transport = createTransport({ node: name, cluster: 'test', carriers: [tcp()], secret: SECRET, ...options })
  cleanUp.push(() => transport.close())
  const events: LinkEvent[] = []
  transport.onLink(event => void events.push(event))
  return { transport, events }
}

/** A server on loopback that does with each connection what it is told. */
async function serve(take: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    take(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}

describe('what an end proves itself by', () => {
  const transcript: Transcript = { dialer: Uint8Array.of(1, 2), acceptor: Uint8Array.of(3, 4), binding: Uint8Array.of(5) }
  const claim = Uint8Array.of(6)

  it('differs with the role, each hello, the connection and the claim, and where one part ends and the next begins', () => {
    const variants: [Role, Transcript, Uint8Array][] = [
      ['dialer', transcript, claim],
      ['acceptor', transcript, claim],
      ['dialer', { ...transcript, dialer: Uint8Array.of(1, 9) }, claim],
      ['dialer', { ...transcript, acceptor: Uint8Array.of(3, 9) }, claim],
      ['dialer', { ...transcript, dialer: transcript.acceptor, acceptor: transcript.dialer }, claim],
      ['dialer', { ...transcript, binding: Uint8Array.of(9) }, claim],
      ['dialer', { ...transcript, binding: new Uint8Array(0) }, claim],
      ['dialer', { ...transcript, dialer: Uint8Array.of(1), acceptor: Uint8Array.of(2, 3, 4) }, claim],
      ['dialer', { ...transcript, binding: Uint8Array.of(5, 6) }, new Uint8Array(0)],
      ['dialer', transcript, Uint8Array.of(7)],
    ]
    expect(new Set(variants.map(variant => String(proofInput(...variant)))).size).toBe(variants.length)
  })

  it('is the HMAC-SHA-256 that everybody computes, in Node and in browsers', async () => {
    const key = new TextEncoder().encode('key')
    const message = new TextEncoder().encode('The quick brown fox jumps over the lazy dog')
    for (const mac of [platformMac(key), browserMac(key)]) {
      const code = await new Promise<Uint8Array>((resolve, reject) => mac.sign(message, resolve, reject))
      expect(Buffer.from(code).toString('hex')).toBe('f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8')
      const judge = (given: Uint8Array) => new Promise<boolean>((resolve, reject) => mac.verify(message, given, resolve, reject))
      expect(await judge(code)).toBe(true)
      expect(await judge(code.with(31, (code[31] as number) ^ 1))).toBe(false)
      expect(await judge(code.subarray(0, 31))).toBe(false)
      expect(await judge(new Uint8Array(0))).toBe(false)
    }
  })
})

describe('a stranger without the secret', () => {
  it('gets nowhere with what an honest node has sent before', async () => {
    const b = node('b')
    const { address } = await b.transport.listen('tcp://127.0.0.1:0')
    const recorded: Buffer[] = []
    const port = Number(address.split(':')[2])
    const tap = await serve(socket => {
      const onward = new (socket.constructor as typeof Socket)()
      onward.on('error', () => {}).connect({ port, host: '127.0.0.1' })
      socket.on('data', bytes => {
        recorded.push(bytes)
        onward.write(bytes)
      })
      onward.on('data', bytes => void socket.write(bytes))
      socket.on('close', () => onward.destroy())
    })
    const a = node('a')
    await a.transport.dial(`tcp://127.0.0.1:${tap}`)
    await a.transport.close()
    const replayer = await RawPeer.connect(address)
    for (const bytes of recorded.slice(0, 2)) replayer.socket.write(bytes)
    await replayer.closed()
    await expect(replayer.frame(PROOF)).rejects.toMatchObject({ code: 'DX_PEER_SECRET' })
  })

  it('gets nowhere by giving back what it is sent', async () => {
    const b = node('b')
    const { address } = await b.transport.listen('tcp://127.0.0.1:0')
    // It makes the node dial it, and plays what it says back: as it is, and under another name.
    const port = await serve(socket => void socket.on('data', bytes => void socket.write(bytes)))
    await expect(b.transport.dial(`tcp://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'DX_PEER_SELF' })
    const peer = await RawPeer.connect(address)
    peer.send(HELLO, writeHello({ ...hello, hasSecret: true }))
    const theirs = readHello(await peer.frame(HELLO))
    const second = await RawPeer.connect(address)
    second.send(HELLO, writeHello({ ...theirs, node: 'raw' }))
    await second.frame(HELLO)
    // Nobody proves itself to who has not done so first.
    second.send(PROOF, Uint8Array.of(32, ...new Uint8Array(32), ...new Uint8Array(13)))
    await second.closed()
    expect(second.frames.map(({ kind }) => kind)).toEqual([REFUSE])
    await expect(second.frame(PROOF)).rejects.toMatchObject({ code: 'DX_PEER_SECRET' })
    peer.socket.destroy()
  })

  it('is not believed when it is dialled, though it answers as the secret were none', async () => {
    const port = await serve(socket => void socket.on('data', () => {}))
    const a = node('a', { handshakeMs: 50 })
    await expect(a.transport.dial(`tcp://127.0.0.1:${port}`, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'DX_TIMEOUT' })
    expect(a.events.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(1)
    expect(a.transport.peers()).toEqual([])
  })

  it('in the middle of a TLS connection, with a certificate that is believed, cannot pass proofs on', async () => {
    const authority = await makeAuthority()
    const { cert, key } = await authority.issue()
    const credentials = new TlsCredentials({ cert, key, ca: authority.cert })
    const b = node('b', { carriers: [tls({ credentials })] })
    const { address } = await b.transport.listen('tls://127.0.0.1:0')
    const middle = createTlsServer({ cert, key, ca: authority.cert, requestCert: true }, near => {
      const far = connectTls({ host: '127.0.0.1', port: Number(address.split(':')[2]), cert, key, ca: authority.cert })
      for (const socket of [near, far]) socket.on('error', () => {})
      near.pipe(far).pipe(near)
    })
    await new Promise<void>(resolve => middle.listen(0, '127.0.0.1', resolve))
    cleanUp.push(() => middle.close())
    const a = node('a', { carriers: [tls({ credentials })] })
    const { port } = middle.address() as { port: number }
    await expect(a.transport.dial(`tls://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'DX_PEER_SECRET',
      message: expect.stringContaining('somebody in between'),
    })
    expect(await a.transport.dial(address)).toBe('b')
  })
})

describe('an address that other machines can reach', () => {
  it('is neither listened at nor dialled without a secret or mutual TLS', async () => {
    const bare = createTransport({ node: 'a', cluster: 'test', carriers: [tcp()] })
    cleanUp.push(() => bare.close())
    for (const address of ['tcp://0.0.0.0:0', 'tcp://[::]:0'])
      await expect(bare.listen(address)).rejects.toMatchObject({ code: 'DX_INSECURE_ADDRESS' })
    await expect(bare.dial('tcp://192.0.2.1:7000')).rejects.toMatchObject({ code: 'DX_INSECURE_ADDRESS' })
    await expect(bare.dial('tcp://db.example.com:7000')).rejects.toMatchObject({ code: 'DX_INSECURE_ADDRESS' })
    for (const address of ['tcp://127.0.0.1:0', 'tcp://localhost:0', 'tcp://127.9.9.9:0'])
      expect((await bare.listen(address)).address).toMatch(/^tcp:\/\/(127|localhost)/)
    const safe = node('b')
    expect((await safe.transport.listen('tcp://0.0.0.0:0')).address).toMatch(/^tcp:\/\/0\.0\.0\.0:\d+$/)
  })

  it('is refused by name when it cannot be had, or is none', async () => {
    const a = node('a')
    const { address } = await a.transport.listen('tcp://127.0.0.1:0')
    await expect(a.transport.listen(address)).rejects.toMatchObject({
      code: 'DX_LISTEN',
      message: expect.stringContaining('somebody listens there already'),
    })
    await expect(a.transport.listen('tcp://no.such.host.invalid:1')).rejects.toMatchObject({ code: 'DX_LISTEN' })
    for (const wrong of [
      'tcp://127.0.0.1',
      'tcp://127.0.0.1:70000',
      'tcp://:1',
      'tcp://a:b@c:1',
      'http://127.0.0.1:1',
      'tls://127.0.0.1:1',
    ])
      await expect(a.transport.listen(wrong)).rejects.toMatchObject({ code: 'DX_OPTION' })
    await expect(a.transport.dial('tcp://127.0.0.1')).rejects.toMatchObject({ code: 'DX_OPTION' })
  })
})
