import type { Counter, Gauge, LinkStats, Metrics, Transport, TransportStats } from '@disruptorx/contracts'

/** Carries the figures of a transport to where metrics go. */
export interface TransportObserver {
  /** Reads the figures and updates every instrument. Call it as often as the figures shall be fresh: once a second, say. */
  sample(): void
}

/** Figures of a link that only grow, and how they are read. */
const counts: Readonly<Record<string, (stats: LinkStats) => number>> = {
  sentBytes: stats => stats.sent.bytes,
  sentFrames: stats => stats.sent.frames,
  receivedBytes: stats => stats.received.bytes,
  receivedFrames: stats => stats.received.frames,
  refusedMessages: stats => stats.refusedMessages,
  reconnects: stats => stats.reconnects,
}

/** Figures of a link that go up and down. */
const levels: Readonly<Record<string, (stats: LinkStats) => number>> = {
  isUp: stats => (stats.isUp ? 1 : 0),
  queuedBytes: stats => stats.queuedBytes,
  roundTripP50Us: stats => stats.roundTrip.p50Us,
  roundTripP99Us: stats => stats.roundTrip.p99Us,
  requestP50Us: stats => stats.requests.p50Us,
  requestP99Us: stats => stats.requests.p99Us,
}

/** Figures of the whole transport that only grow. */
const totals = ['turnedAway', 'refused', 'broken'] as const

/** Instruments of one peer, and what they were told last. */
interface PeerInstruments {
  readonly counters: ReadonlyMap<string, Counter>
  readonly gauges: ReadonlyMap<string, Gauge>
  last: LinkStats | undefined
}

/**
 * Makes the instruments of a transport. Links pay nothing for them: all figures are differences of what they count anyway.
 *
 * | instrument | kind | what |
 * |---|---|---|
 * | `link.sentBytes`, `link.sentFrames`, `link.receivedBytes`, `link.receivedFrames`, label `peer` | counter | traffic with a peer |
 * | `link.refusedMessages`, `link.reconnects`, label `peer` | counter | messages not taken because the queue was full; links after the first one |
 * | `link.isUp`, `link.queuedBytes`, label `peer` | gauge | 1 while there is a link; bytes that wait for the network |
 * | `link.roundTripP50Us`, `link.roundTripP99Us`, `link.requestP50Us`, `link.requestP99Us`, label `peer` | gauge | since the first link with the peer |
 * | `transport.links` | gauge | links that there are |
 * | `transport.turnedAway`, `transport.refused`, `transport.broken` | counter | as `TransportStats` has them |
 */
export function observeTransport(transport: Transport, metrics: Metrics): TransportObserver {
  const links = metrics.gauge('transport.links')
  const totalCounters = new Map(totals.map(name => [name, metrics.counter(`transport.${name}`)]))
  const peers = new Map<string, PeerInstruments>()
  let last: TransportStats = { links: 0, turnedAway: 0, refused: 0, broken: 0 }

  function follow(peer: string): PeerInstruments {
    const labels = { peer }
    const made: PeerInstruments = {
      counters: new Map(Object.keys(counts).map(name => [name, metrics.counter(`link.${name}`, labels)])),
      gauges: new Map(Object.keys(levels).map(name => [name, metrics.gauge(`link.${name}`, labels)])),
      last: undefined,
    }
    peers.set(peer, made)
    return made
  }

  function samplePeer(peer: string): void {
    const stats = transport.linkStats(peer)
    if (stats === undefined) return void peers.delete(peer)
    const instruments = peers.get(peer) ?? follow(peer)
    for (const [name, counter] of instruments.counters) {
      const read = counts[name]
      if (read !== undefined) counter.add(Math.max(0, read(stats) - (instruments.last === undefined ? 0 : read(instruments.last))))
    }
    for (const [name, gauge] of instruments.gauges) gauge.set(levels[name]?.(stats) ?? 0)
    instruments.last = stats
  }

  return {
    sample() {
      const now = transport.stats()
      links.set(now.links)
      for (const [name, counter] of totalCounters) counter.add(now[name] - last[name])
      last = now
      for (const peer of new Set([...peers.keys(), ...transport.peers().map(({ node }) => node)])) samplePeer(peer)
    },
  }
}
