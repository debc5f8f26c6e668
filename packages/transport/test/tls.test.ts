import { writeFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { LinkEvent, Transport } from '@disruptorx/contracts'
import { temporaryDirectory } from '@disruptorx/testkit'
import { createTransport, type TransportOptions } from '@disruptorx/transport'
import { TlsCredentials, type TlsOptions, tls } from '@disruptorx/transport/tcp'
import { ws } from '@disruptorx/transport/ws'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, type Issued, makeAuthority } from './certificates.ts'

const DAY_MS = 86_400_000
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

let authority: Authority
let stranger: Authority
let own: Issued
beforeAll(async () => {
  authority = await makeAuthority()
  stranger = await makeAuthority('another authority')
  own = await authority.issue({ names: ['localhost', 'a', 'b'] })
})

const credentials = ({ cert, key }: Partial<Issued> = own, ca: string | undefined = authority.cert) =>
  new TlsCredentials({
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
  })

interface Node {
  readonly transport: Transport
  readonly events: LinkEvent[]
}

function node(name: string, options: TlsOptions, more: Partial<TransportOptions> = {}, isWs = false): Node {
  const carriers = [isWs ? ws({ tls: options }) : tls(options)]
  const transport = createTransport({ node: name, cluster: 'tls', carriers, reconnect: { minDelayMs: 5, maxDelayMs: 5 }, ...more })
  cleanUp.push(() => transport.close())
  const events: LinkEvent[] = []
  transport.onLink(event => void events.push(event))
  return { transport, events }
}

/** Dials, and returns the first thing that goes wrong. */
async function failureOf(from: Node, address: string): Promise<{ code?: unknown; message?: string; details?: { problem?: unknown } }> {
  const dialing = from.transport.dial(address, { timeoutMs: 300 }).then(
    () => ({ message: 'linked' }),
    error => error,
  )
  const outcome = await dialing
  const first = from.events.find(event => event.kind === 'unreachable' || event.kind === 'refused') as { reason?: Error } | undefined
  return first?.reason ?? outcome
}

describe.each([
  ['TLS', 'tls', false],
  ['WebSocket with TLS', 'wss', true],
])('%s', (_, scheme, isWs) => {
  const here = `${scheme}://127.0.0.1:0`
  const make = (name: string, options: TlsOptions, more: Partial<TransportOptions> = {}) => node(name, options, more, isWs)

  it('links nodes whose certificates are by one authority, and by name', async () => {
    const b = make('b', { credentials: credentials() }, { certificatesNameNodes: true })
    const { address } = await b.transport.listen(here)
    const a = make('a', { credentials: credentials() }, { certificatesNameNodes: true })
    expect(await a.transport.dial(address)).toBe('b')
    expect(await a.transport.dial(address.replace('127.0.0.1', 'localhost'))).toBe('b')
    const c = make('c', { credentials: credentials() })
    expect(await failureOf(c, address)).toMatchObject({
      code: 'DX_PEER_CERTIFICATE',
      message: expect.stringContaining('c has a certificate for localhost, a, b'),
    })
  })

  it('refuses a certificate that has expired, is for another name, or is by a strange authority', async () => {
    const a = make('a', { credentials: credentials({}) })
    const cases: [Issued, string, string][] = [
      [await authority.issue({ names: ['elsewhere.example'] }), 'name', 'localhost'],
      [await stranger.issue(), 'untrusted', '127.0.0.1'],
      [await authority.issue({ fromMs: Date.now() + DAY_MS, toMs: Date.now() + 2 * DAY_MS }), 'not-yet-valid', '127.0.0.1'],
      [await authority.issue({ fromMs: Date.now() - 2 * DAY_MS, toMs: Date.now() - DAY_MS }), 'expired', '127.0.0.1'],
    ]
    for (const [issued, problem, host] of cases) {
      const b = make('b', { credentials: blind(issued), mutual: false })
      const { address } = await b.transport.listen(here)
      expect(await failureOf(a, address.replace('127.0.0.1', host))).toMatchObject({ code: 'DX_CERTIFICATE', details: { problem } })
      a.events.length = 0
      await b.transport.close()
    }
  })

  it('refuses who shows no certificate, or one by a strange authority, and tells both ends', async () => {
    const b = make('b', { credentials: credentials() })
    const { address } = await b.transport.listen(here)
    const late = await authority.issue({ fromMs: Date.now() - 2 * DAY_MS, toMs: Date.now() - DAY_MS })
    const cases = [
      [credentials({}), 'missing', 'it has shown no certificate'],
      [credentials(await stranger.issue()), 'untrusted', 'not by an authority that is believed'],
      [blind({ ...late, ca: authority.cert }), 'expired', 'its certificate has expired'],
    ] as const
    for (const [given, problem, text] of cases) {
      const a = make('a', { credentials: given })
      expect(await failureOf(a, address)).toMatchObject({ code: 'DX_PEER_CERTIFICATE', message: expect.stringContaining(text) })
      const refusal = b.events.pop() as { reason?: Error }
      expect(refusal.reason).toMatchObject({ code: 'DX_PEER_CERTIFICATE', cause: { details: { problem } } })
      await a.transport.close()
    }
    expect(b.transport.peers()).toEqual([])
  })

  it('takes a new certificate for new connections, and keeps links that there are', async () => {
    const ofB = credentials(await authority.issue({ names: ['first'] }))
    const b = make('b', { credentials: ofB })
    const { address } = await b.transport.listen(here)
    const names = async () => {
      const a = make(`a${cleanUp.length}`, { credentials: credentials(), verifyHost: false }, { certificatesNameNodes: true })
      return String((await failureOf(a, address)).message)
    }
    const lasting = make('lasting', { credentials: credentials() })
    await lasting.transport.dial(address)
    expect(await names()).toContain('b has a certificate for first')
    ofB.reload({ ...(await authority.issue({ names: ['second'] })), ca: authority.cert })
    expect(await names()).toContain('b has a certificate for second')
    expect(() => ofB.reload({ cert: own.cert, key: stranger.key })).toThrow(/cannot be used/)
    // Without an authority, everybody with a certificate of any would be let in.
    expect(() => ofB.reload({ cert: own.cert, key: own.key })).toThrow(/option ca/)
    expect(await names()).toContain('b has a certificate for second')
    expect(lasting.events.map(({ kind }) => kind)).toEqual(['up'])
  })

  it('keeps strangers out of listeners that others can reach', async () => {
    const open = `${scheme}://0.0.0.0:0`
    const oneSided = make('b', { credentials: credentials(own, undefined), mutual: false })
    await expect(oneSided.transport.listen(open)).rejects.toMatchObject({ code: 'DX_INSECURE_ADDRESS' })
    const mutual = make('b', { credentials: credentials() })
    await expect(mutual.transport.listen(open)).resolves.toMatchObject({ address: expect.stringContaining('0.0.0.0') })
    const secret = make('c', { credentials: credentials(own, undefined), mutual: false }, { secret: 'sixteen bytes, or more' })
    await expect(secret.transport.listen(open)).resolves.toMatchObject({ address: expect.stringContaining('0.0.0.0') })
  })
})

/** Credentials that do not look at their own dates. */
function blind(material: Issued & { ca?: string }): TlsCredentials {
  const context = createSecureContext(material)
  return Object.defineProperties(credentials(), { material: { get: () => material }, context: { get: () => context } })
}

describe('credentials', () => {
  it('are refused when they have expired, are not valid yet, or do not belong together', async () => {
    const expired = await authority.issue({ fromMs: Date.now() - 2 * DAY_MS, toMs: Date.now() - DAY_MS })
    const early = await authority.issue({ fromMs: Date.now() + DAY_MS, toMs: Date.now() + 2 * DAY_MS })
    for (const [issued, problem] of [
      [expired, 'expired'],
      [early, 'not-yet-valid'],
      [{ cert: own.cert, key: stranger.key }, 'invalid'],
      [{ cert: 'nonsense', key: own.key }, 'invalid'],
    ] as const)
      expect(() => credentials(issued)).toThrow(expect.objectContaining({ code: 'DX_CERTIFICATE', details: { problem } }))
    expect(credentials().expiresAtMs).toBeGreaterThan(Date.now())
    expect(credentials({}).expiresAtMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('are read from files, and again when those have changed', async () => {
    using directory = temporaryDirectory()
    const files = { cert: directory.join('cert.pem'), key: directory.join('key.pem'), ca: directory.join('ca.pem') }
    const write = ({ cert, key }: Issued) => {
      writeFileSync(files.cert, cert)
      writeFileSync(files.key, key)
      writeFileSync(files.ca, authority.cert)
    }
    write(own)
    const errors: Error[] = []
    const read = TlsCredentials.fromFiles(files, { everyMs: 100, onError: error => void errors.push(error) })
    cleanUp.push(() => read.close())
    expect(read.hasAuthority).toBe(true)
    const reloaded = new Promise<void>(resolve => read.onReload(resolve))
    const next = await authority.issue({ toMs: Date.now() + 9 * DAY_MS })
    write(next)
    await reloaded
    while (read.expiresAtMs < Date.now() + 8 * DAY_MS) await new Promise(resolve => setTimeout(resolve, 20))
    writeFileSync(files.key, 'nonsense')
    while (errors.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    expect(errors[0]).toMatchObject({ code: 'DX_CERTIFICATE' })
    expect(read.expiresAtMs).toBeGreaterThan(Date.now() + 8 * DAY_MS)
    expect(() => TlsCredentials.fromFiles({ ...files, cert: directory.join('nothing') })).toThrow('ENOENT')
  })
})
