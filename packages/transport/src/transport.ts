import {
  ClosedError,
  type DialOptions,
  type InboundMessage,
  type IncomingStream,
  type LinkEvent,
  type LinkStats,
  type NodeIdentity,
  OptionError,
  type OutgoingStream,
  type PeerInfo,
  type PipeListener,
  type RequestHandler,
  type RequestOptions,
  type Transport,
  type TransportListener,
  type TransportStats,
  type WaitOptions,
} from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { carrierOf } from './address.ts'
import { NotConnectedError, QueueFullError } from './errors.ts'
import { nameOption } from './identity.ts'
import type { Link } from './link/link.ts'
import { type ResolvedTransportOptions, resolveTransportOptions, type TransportOptions } from './options.ts'
import { Links } from './peers/links.ts'

/**
 * Makes a transport: links with other nodes, over the carriers that it is given.
 *
 * @throws {OptionError} names the option, its value and its range
 */
export function createTransport(options: TransportOptions): Transport {
  return new PeerTransport(resolveTransportOptions(options))
}

const DEFAULT_WAIT_MS = 10_000
/** What timers hold. */
const MOST_WAIT_MS = 2 ** 31 - 1

class PeerTransport implements Transport {
  readonly self: NodeIdentity
  // Plain `private`: benchmark `transport` guards `send`.
  private readonly options: ResolvedTransportOptions
  private readonly links: Links
  private readonly up: ReadonlyMap<string, Link>
  private readonly listeners = new Set<PipeListener>()
  private closing: Promise<void> | undefined

  constructor(options: ResolvedTransportOptions) {
    const { node, cluster, incarnation } = options
    this.self = { node, cluster, incarnation }
    this.options = options
    this.links = new Links(options)
    this.up = this.links.up
  }

  async listen(address: string): Promise<TransportListener> {
    this.mustBeOpen()
    const carrier = carrierOf(this.options.carriers, address)
    const listener = await carrier.listen(address, { hasSecret: this.options.mac !== undefined }, this.links.connections.acceptor)
    this.listeners.add(listener)
    const close = () => {
      this.listeners.delete(listener)
      return listener.close()
    }
    if (this.closing !== undefined) {
      await close()
      this.mustBeOpen()
    }
    return { address: listener.address, close, [Symbol.asyncDispose]: close }
  }

  async dial(address: string, { peer, timeoutMs, signal }: DialOptions = {}): Promise<string> {
    this.mustBeOpen()
    if (peer !== undefined) nameOption('peer', peer)
    return this.links.dial(address, peer, waitMs(timeoutMs), signal)
  }

  hangUp(peer: string): void {
    this.links.hangUp(peer)
  }

  // Hot: benchmark `transport`.
  send(peer: string, message: Uint8Array, type = 0, offset = 0, length = message.length - offset, trace?: Uint8Array): boolean {
    const link = this.up.get(peer)
    if (!(message instanceof Uint8Array)) refuseBytes('message', message)
    if (link === undefined) return this.refuseSend()
    if (offset !== 0 || length !== message.length) checkRange(message, offset, length)
    if (link.send(message, type, offset, length, trace)) return true
    if (this.options.whenFull === 'break') breakFull(link)
    return false
  }

  async ready(peer: string, { timeoutMs, signal }: WaitOptions = {}): Promise<void> {
    this.mustBeOpen()
    const limitMs = waitMs(timeoutMs)
    if (signal?.aborted !== true && this.up.get(peer)?.hasRoom === true) return
    await this.links.waits.wait(peer, limitMs, signal)
  }

  async request(peer: string, body: Uint8Array, { type = 0, timeoutMs, signal }: RequestOptions = {}): Promise<Uint8Array> {
    if (!(body instanceof Uint8Array)) refuseBytes('body', body)
    return this.linkWith(peer).request(body, type, waitMs(timeoutMs), signal)
  }

  onRequest(handler: RequestHandler): void {
    this.links.handlers.request = handler
  }

  openStream(peer: string, header: Uint8Array): OutgoingStream {
    return this.linkWith(peer).openStream(header)
  }

  onStream(listener: (stream: IncomingStream) => void): void {
    this.links.handlers.stream = listener
  }

  onMessage(listener: (peer: string, message: InboundMessage) => void): void {
    this.links.handlers.message = listener
  }

  onLink(listener: (event: LinkEvent) => void): () => void {
    return this.links.onEvent(listener)
  }

  pause(peer: string): void {
    this.linkWith(peer).channel.pause()
  }

  resume(peer: string): void {
    this.up.get(peer)?.channel.resume()
  }

  peers(): readonly PeerInfo[] {
    return Array.from(this.up.values(), link => link.info)
  }

  linkStats(peer: string): LinkStats | undefined {
    return this.links.stats(peer)
  }

  stats(): TransportStats {
    const { up, broken, connections } = this.links
    return { links: up.size, turnedAway: connections.turnedAway, refused: connections.refusals, broken }
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async end(): Promise<void> {
    const listening = [...this.listeners]
    this.listeners.clear()
    const links = this.links.close(new ClosedError('the transport'))
    await Promise.all(listening.map(listener => listener.close()))
    await links
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw new ClosedError('the transport')
  }

  private linkWith(peer: string): Link {
    const link = this.up.get(peer)
    if (link !== undefined) return link
    this.mustBeOpen()
    throw new NotConnectedError(peer)
  }

  private refuseSend(): boolean {
    this.mustBeOpen()
    return false
  }
}

function breakFull(link: Link): void {
  const { queuedBytes, mostQueueBytes } = link.channel
  link.drop(new QueueFullError(link.peer, queuedBytes, mostQueueBytes))
}

function refuseBytes(option: string, value: unknown): never {
  throw new OptionError(option, typeof value, 'a Uint8Array; encode values first')
}

function checkRange(message: Uint8Array, offset: number, length: number): void {
  const isWithin =
    Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= message.length
  if (!isWithin) throw new OptionError('offset', `${offset} with length ${length}`, `within the ${message.length} bytes of the message`)
}

/** How long to wait: up to what timers hold, or for ever. @throws {OptionError} */
function waitMs(timeoutMs = DEFAULT_WAIT_MS): number {
  return timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : wholeNumber('timeoutMs', timeoutMs, 1, MOST_WAIT_MS)
}
