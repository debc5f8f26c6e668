import { CodecRegistry, msgpackCodec } from '@disruptorx/serializer'
import type { CaseBody } from './suite.ts'
import { bytesOf, must, mustEqual, mustRefuse, pattern, type Trial } from './trial.ts'

const SECRET = 'correct horse battery staple'

async function introduces(trial: Trial): Promise<void> {
  const b = await trial.listening('b', { incarnation: 7 })
  const a = trial.party('a', { incarnation: 3 })
  mustEqual([a.transport.peers(), a.transport.linkStats('b') ?? null], [[], null], 'knows peers before it has met any')
  mustEqual(await a.transport.dial(b.address, { peer: 'b' }), 'b', 'has dialled somebody else')
  await trial.eventually('tells both ends of a link', () => b.transport.peers().length === 1)
  const [ofA, ofB] = [a, b].map(({ transport }) => transport.peers().map(({ remoteAddress, ...info }) => info))
  const common = { cluster: 'compliance', link: 1, missingTypes: [] }
  mustEqual(ofA, [{ node: 'b', ...common, incarnation: 7, isDialed: true }].map(sorted), 'introduces b otherwise')
  mustEqual(ofB, [{ node: 'a', ...common, incarnation: 3, isDialed: false }].map(sorted), 'introduces a otherwise')
  mustEqual([a.story, b.story], [['up b'], ['up a']], 'tells of links otherwise')
  mustEqual([a.transport.stats().links, b.transport.stats().links], [1, 1], 'counts links otherwise')
  mustEqual(await a.transport.dial(b.address), 'b', 'does not find the peer that it has a link with')
  mustEqual([a.story, b.story], [['up b'], ['up a']], 'makes a second link with a peer that is dialled twice')
}

/** Fields in the order of the contract. */
function sorted(info: Record<string, unknown>): Record<string, unknown> {
  const { node, cluster, incarnation, isDialed, link, missingTypes } = info
  return { node, cluster, incarnation, isDialed, link, missingTypes }
}

async function makesOneLink(trial: Trial): Promise<void> {
  const names = ['a', 'b', 'c']
  const parties = await Promise.all(names.map(name => trial.listening(name, { secret: SECRET })))
  const dials = parties.flatMap(one => parties.filter(other => other !== one).map(other => one.transport.dial(other.address)))
  mustEqual(await Promise.all(dials), ['b', 'c', 'a', 'c', 'a', 'b'], 'finds other peers when all dial each other at once')
  await trial.eventually('links all with all', () => parties.every(({ transport }) => transport.peers().length === 2))
  for (const one of parties) for (const other of parties) if (one !== other) one.transport.send(other.name, bytesOf(`from ${one.name}`))
  await trial.eventually('delivers messages over all links', () => parties.every(({ messages }) => messages.length === 2))
  await trial.place.sleep(300)
  for (const { transport, story, name } of parties) {
    mustEqual(transport.peers().length, 2, `has other links at ${name} after a while`)
    mustEqual(
      [...story].sort(),
      names.filter(other => other !== name).map(other => `up ${other}`),
      `tells ${name} of other links`,
    )
  }
}

async function refusesStrangers(trial: Trial): Promise<void> {
  const b = await trial.listening('b')
  const stranger = trial.party('a', { cluster: 'another' })
  await mustRefuse(() => stranger.transport.dial(b.address), 'DX_PEER_CLUSTER', 'a peer of another cluster', 'another')
  await trial.eventually('tells the end that was dialled of another cluster', () => b.story.includes('refused DX_PEER_CLUSTER'))
  const a = trial.party('a')
  await mustRefuse(() => a.transport.dial(b.address, { peer: 'c' }), 'DX_PEER_IDENTITY', 'another peer than was expected', 'c was expected')
  const twin = trial.party('b')
  await mustRefuse(() => twin.transport.dial(b.address), 'DX_PEER_SELF', 'a peer of its own name')
  mustEqual(
    [a, b, stranger, twin].map(({ transport }) => transport.peers().length),
    [0, 0, 0, 0],
    'keeps links that it refused',
  )
  mustEqual(await a.transport.dial(b.address, { peer: 'b' }), 'b', 'finds nobody after refusals')
}

async function wantsProof(trial: Trial): Promise<void> {
  const b = await trial.listening('b', { secret: SECRET })
  const wrong = trial.party('a', { secret: `${SECRET}!` })
  await mustRefuse(() => wrong.transport.dial(b.address), 'DX_PEER_SECRET', 'a peer with another secret')
  const without = trial.party('a')
  await mustRefuse(() => without.transport.dial(b.address), 'DX_PEER_SECRET', 'a peer without the secret', 'was given none')
  await trial.eventually('tells the end that was dialled', () => b.story.filter(line => line === 'refused DX_PEER_SECRET').length === 2)
  const right = trial.party('a', { secret: bytesOf(SECRET) })
  mustEqual(await right.transport.dial(b.address), 'b', 'refuses a peer with the right secret')
  await mustRefuse(() => trial.party('c', { secret: 'fifteen letters' }), 'DX_OPTION', 'a secret of 15 bytes')
}

async function refusesOldLives(trial: Trial): Promise<void> {
  const b = await trial.listening('b')
  const newer = trial.party('a', { incarnation: 2, reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 } })
  await newer.transport.dial(b.address)
  const older = trial.party('a', { incarnation: 1 })
  await mustRefuse(() => older.transport.dial(b.address), 'DX_PEER_STALE', 'an incarnation older than one that has been here')
  mustEqual(newer.transport.peers().length, 1, 'gave up the link with the newer incarnation for the older')
  const newest = trial.party('a', { incarnation: 3 })
  mustEqual(await newest.transport.dial(b.address), 'b', 'refuses a newer incarnation')
  await trial.eventually('puts a newer incarnation in the place of the older', () => newer.transport.peers().length === 0)
  mustEqual(
    b.transport.peers().map(({ incarnation, link }) => [incarnation, link]),
    [[3, 2]],
    'has another link',
  )
  must(b.story.includes('down a DX_LINK_REPLACED'), `does not say that a link was replaced: ${b.story.join(', ')}`)
}

async function comparesTypes(trial: Trial): Promise<void> {
  const registry = (...types: number[]) =>
    new CodecRegistry(types.map(type => [Math.abs(type), type > 0 ? msgpackCodec() : other] as const))
  const b = await trial.listening('b', { codecs: registry(1, 2, 3) })
  const differing = trial.party('a', { codecs: registry(1, -2) })
  await mustRefuse(() => differing.transport.dial(b.address), 'DX_PEER_CODECS', 'a peer whose type 2 is another one', 'type 2')
  const a = trial.party('a', { codecs: registry(1, 2, 4) })
  await a.transport.dial(b.address)
  await trial.eventually('links nodes with other types', () => b.transport.peers().length === 1)
  mustEqual(
    [a, b].map(({ transport }) => transport.peers()[0]?.missingTypes),
    [[4], [3]],
    'names other types that the peer lacks',
  )
}

const other = { name: 'other', encode: () => 0, decode: () => undefined }

async function givesUp(trial: Trial): Promise<void> {
  const a = trial.party('a')
  const address = trial.place.address('b')
  await mustRefuse(() => a.transport.dial(address, { timeoutMs: 100 }), 'DX_TIMEOUT', 'to dial longer than it may')
  const controller = new AbortController()
  const dialing = a.transport.dial(address, { signal: controller.signal, timeoutMs: Number.POSITIVE_INFINITY })
  controller.abort()
  await mustRefuse(() => dialing, 'DX_ABORTED', 'to go on dialling')
  await mustRefuse(() => a.transport.dial('nowhere'), 'DX_OPTION', 'an address that is none')
  await mustRefuse(() => a.transport.dial(address, { timeoutMs: 0 }), 'DX_OPTION', 'to dial for no time at all')
  await mustRefuse(() => a.transport.dial(address, { peer: '' }), 'DX_OPTION', 'a name that is none')
  const late = a.transport.dial(address, { timeoutMs: 5_000 })
  await trial.place.sleep(100)
  const b = await trial.listening('b')
  mustEqual(await late, 'b', 'does not try again to reach somebody who is not there yet')
  await trial.eventually('tells of the link', () => b.story.includes('up a'))
}

async function counts(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ heartbeatMs: 20 })
  for (let i = 0; i < 100; i++) a.transport.send('b', pattern(100))
  await trial.eventually('measures the round trip', () => (a.transport.linkStats('b')?.roundTrip.count ?? 0) >= 2)
  await trial.eventually('delivers messages', () => b.messages.length === 100)
  const [sent, received] = [a.transport.linkStats('b'), b.transport.linkStats('a')]
  must(sent !== undefined && received !== undefined, 'has no figures of a link')
  must((sent?.sent.frames ?? 0) >= 100 && (received?.received.frames ?? 0) >= 100, 'counts fewer frames than there were')
  must((sent?.sent.bytes ?? 0) > 10_000 && (received?.received.bytes ?? 0) > 10_000, 'counts fewer bytes than there were')
  must((sent?.roundTrip.p50Us ?? 0) > 0 && (sent?.roundTrip.p99Us ?? 0) >= (sent?.roundTrip.p50Us ?? 0), 'measures no round trip')
  mustEqual([sent?.isUp, sent?.reconnects, sent?.peer], [true, 0, 'b'], 'has other figures of a link')
}

/** Cases about how links come to be. */
export const joiningCases: readonly CaseBody[] = [
  { name: 'introduces the two ends of a link to each other', check: introduces },
  { name: 'makes one link for each pair, though all dial each other at once', aListens: true, check: makesOneLink },
  { name: 'refuses peers of another cluster, another name, or its own name', check: refusesStrangers },
  { name: 'wants proof of the secret, at both ends', check: wantsProof },
  { name: 'refuses an older incarnation, and puts a newer one in its place', check: refusesOldLives },
  { name: 'refuses types that could not be read, and names those that the peer lacks', check: comparesTypes },
  { name: 'dials until somebody is there, or until its limit', check: givesUp },
  { name: 'counts what it does', check: counts },
]
