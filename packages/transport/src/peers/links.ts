import { ClosedError, type LinkEvent, type LinkStats, type Pipe } from '@disruptorx/contracts'
import { carrierOf } from '../address.ts'
import type { Handshake } from '../handshake/handshake.ts'
import type { Hello } from '../handshake/messages.ts'
import type { Handlers } from '../link/handlers.ts'
import type { KeepAliveOptions } from '../link/keep-alive.ts'
import { Link, type LinkHost } from '../link/link.ts'
import { addFigures, summarize } from '../link/link-figures.ts'
import type { ResolvedTransportOptions } from '../options.ts'
import type { PeerLimits } from '../protocol/limits.ts'
import { Timekeeper } from '../time/timekeeper.ts'
import { Connections, type ConnectionsHost } from './connections.ts'
import { Dialer, type DialerHost } from './dialer.ts'
import { PeerTable } from './peer-table.ts'
import { ReadyWaits } from './ready-waits.ts'

/** The links of a transport: how they come to be, who is told of them, and how they end. */
export class Links implements LinkHost, ConnectionsHost, DialerHost {
  readonly options: ResolvedTransportOptions
  readonly time: Timekeeper
  readonly ours: PeerLimits
  readonly keepAlive: KeepAliveOptions
  readonly table: PeerTable
  readonly waits: ReadyWaits
  readonly connections: Connections
  readonly handlers: Handlers = { message: () => {}, request: undefined, stream: undefined }
  /** The links that there are, by peer. */
  readonly up = new Map<string, Link>()
  /** Links that broke. */
  broken = 0
  readonly #dialers = new Map<string, Dialer>()
  readonly #listeners = new Set<(event: LinkEvent) => void>()
  #isClosed = false

  constructor(options: ResolvedTransportOptions) {
    this.options = options
    this.time = new Timekeeper(options.clock, options.scheduler)
    this.ours = options.limits
    this.keepAlive = options.keepAlive
    this.table = new PeerTable(options.node, options.maxPeers)
    this.waits = new ReadyWaits(this.time)
    this.connections = new Connections(this)
  }

  onEvent(listener: (event: LinkEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  dial(address: string, expected: string | undefined, timeoutMs: number, signal: AbortSignal | undefined): Promise<string> {
    carrierOf(this.options.carriers, address)
    const key = `${address} ${expected ?? ''}`
    const dialer = this.#dialers.get(key) ?? new Dialer(this, address, expected, this.options.backOff, this.options.random)
    this.#dialers.set(key, dialer)
    return dialer.linked(timeoutMs, signal)
  }

  /** Dials a peer's addresses no more, and closes the link with it. */
  hangUp(peer: string): void {
    for (const [key, dialer] of this.#dialers) {
      if (dialer.peer !== peer) continue
      this.#dialers.delete(key)
      dialer.stop(new ClosedError(`the dial of ${dialer.address}`))
    }
    this.up.get(peer)?.close()
  }

  stats(peer: string): LinkStats | undefined {
    const record = this.table.find(peer)
    return record === undefined || record.figures.links === 0 ? undefined : summarize(peer, record.figures, record.link?.current)
  }

  /** Ends everything: links after what was sent on them. */
  async close(reason: Error): Promise<void> {
    this.#isClosed = true
    for (const dialer of this.#dialers.values()) dialer.stop(reason)
    this.#dialers.clear()
    this.waits.end(reason)
    for (const link of [...this.up.values()]) link.close()
    await this.connections.close()
    this.time.stop()
  }

  linked(handshake: Handshake, peer: Hello, offer: number, dialer: Dialer | undefined): void {
    const link = this.table.opened(peer, offer, record => {
      const { node, cluster, incarnation } = peer
      const { remoteAddress } = handshake.pipe
      const { missingTypes } = handshake
      const info = { node, cluster, incarnation, remoteAddress, isDialed: dialer !== undefined, link: ++record.figures.links, missingTypes }
      return new Link(this, info, handshake.channel, peer.limits, record.figures)
    })
    this.up.set(link.peer, link)
    this.emit({ kind: 'up', peer: link.info })
    for (const one of [...this.#dialers.values()]) one.linkUp(link.peer, one === dialer)
    this.waits.tell(link.peer)
    if (this.#isClosed) link.close()
  }

  ended(link: Link, reason: Error | undefined): void {
    const record = this.table.find(link.peer)
    if (record !== undefined) addFigures(record.figures, link.current)
    this.table.closed(link)
    if (this.up.get(link.peer) === link) this.up.delete(link.peer)
    if (reason !== undefined) this.broken++
    this.emit({ kind: 'down', peer: link.info, reason })
    for (const dialer of [...this.#dialers.values()]) dialer.linkDown(link.peer)
  }

  drained(link: Link): void {
    if (link.hasRoom) this.waits.tell(link.peer)
  }

  connect(address: string, opened: (pipe: Pipe) => void, failed: (error: Error) => void): () => void {
    const carrier = carrierOf(this.options.carriers, address)
    return carrier.dial(address, { hasSecret: this.options.mac !== undefined }, opened, failed)
  }

  shakeHands(dialer: Dialer, pipe: Pipe): Handshake {
    return this.connections.dialed(dialer, pipe)
  }

  isLinked(node: string): boolean {
    return this.up.has(node)
  }

  unreachable({ address }: Dialer, attempt: number, retryInMs: number, reason: Error): void {
    this.emit({ kind: 'unreachable', address, attempt, retryInMs, reason })
  }

  forget(dialer: Dialer): void {
    for (const [key, one] of this.#dialers) if (one === dialer) this.#dialers.delete(key)
  }

  emit(event: LinkEvent): void {
    for (const listener of [...this.#listeners])
      try {
        listener(event)
      } catch (error) {
        // A fault of the application, which shall see it as any other; links are in the middle of something.
        this.time.soon(() => {
          throw error
        })
      }
  }
}
