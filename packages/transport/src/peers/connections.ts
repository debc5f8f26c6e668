import { type LinkEvent, type Pipe, type PipeAcceptor, TimeoutError } from '@disruptorx/contracts'
import { decodeTypes, type TypeDescription, TypeMismatchError } from '@disruptorx/serializer'
import { PeerProtocolError } from '../errors.ts'
import { Handshake, type HandshakeHost } from '../handshake/handshake.ts'
import { BOOT_BYTES, bootText, type Claim, type Hello, NONCE_BYTES } from '../handshake/messages.ts'
import type { Mac, Role } from '../handshake/proof.ts'
import { PeerRefusedError } from '../handshake/refusal.ts'
import type { ChannelHost } from '../link/channel-contract.ts'
import { FrameChannel } from '../link/frame-channel.ts'
import type { ResolvedTransportOptions } from '../options.ts'
import type { Timekeeper } from '../time/timekeeper.ts'
import type { Timer } from '../time/timer-queue.ts'
import { Admission } from './admission.ts'
import type { Dialer } from './dialer.ts'
import type { PeerTable } from './peer-table.ts'

/** What connections need of the transport. */
export interface ConnectionsHost {
  readonly options: ResolvedTransportOptions
  readonly time: Timekeeper
  readonly table: PeerTable
  /** A connection is a link from now on. */
  linked(handshake: Handshake, peer: Hello, offer: number, dialer: Dialer | undefined): void
  emit(event: LinkEvent): void
}

/** What is known of a connection beside its channel. */
interface Connection {
  readonly remoteAddress: string
  readonly dialer: Dialer | undefined
  /** Limits the handshake, then the end. */
  timer: Timer | undefined
  isShaking: boolean
}

/** All connections, from their pipe to their end: their handshakes, their writes at the end of a turn, and how many there may be. */
export class Connections implements ChannelHost, HandshakeHost {
  readonly mac: Mac | undefined
  /** Handshakes that came to nothing. */
  refusals = 0
  readonly #host: ConnectionsHost
  readonly #admission: Admission
  readonly #boot: string
  readonly #connections = new Map<FrameChannel, Connection>()
  readonly #handshakes = new Set<Handshake>()
  /** Channels to be flushed when the turn is over. */
  #listed: FrameChannel[] = []
  #onEmpty: (() => void) | undefined
  #isClosing = false
  #isClosed = false
  readonly #flush = () => this.#flushListed()

  constructor(host: ConnectionsHost) {
    this.#host = host
    this.mac = host.options.mac
    this.#admission = new Admission(host.options.admission)
    this.#boot = bootText(this.#randomBytes(BOOT_BYTES))
  }

  get turnedAway(): number {
    return this.#admission.turnedAway
  }

  /** What a listener does with connections. */
  readonly acceptor: PipeAcceptor = {
    admits: address => this.#admission.admit(address, this.nowNs()),
    accept: pipe => {
      // Some carriers have beginnings of their own, which may last longer than all of this.
      if (this.#isClosed) pipe.destroy()
      else this.#begin('acceptor', pipe, undefined)
    },
    failed: (remoteAddress, reason) => {
      this.#admission.handshakeOver()
      this.#admission.gone(remoteAddress)
      this.refusals++
      this.#host.emit({ kind: 'refused', remoteAddress, node: undefined, reason })
    },
  }

  /** Begins the handshake of a connection that this end made. */
  dialed(dialer: Dialer, pipe: Pipe): Handshake {
    return this.#begin('dialer', pipe, dialer)
  }

  nowNs(): number {
    return this.#host.time.nowNs()
  }

  flushLater(channel: FrameChannel): void {
    if (this.#listed.push(channel) === 1) this.#host.time.soon(this.#flush)
  }

  ending(channel: FrameChannel): void {
    const connection = this.#connections.get(channel)
    if (connection === undefined) return
    this.#host.time.cancel(connection.timer)
    connection.timer = this.#host.time.after(this.#host.options.lingerMs, () =>
      channel.fail(new TimeoutError('the end of a connection', this.#host.options.lingerMs)),
    )
  }

  gone(channel: FrameChannel): void {
    const connection = this.#connections.get(channel)
    if (connection === undefined) return
    this.#connections.delete(channel)
    this.#host.time.cancel(connection.timer)
    if (connection.dialer === undefined) this.#admission.gone(connection.remoteAddress)
    if (this.#connections.size === 0) this.#onEmpty?.()
  }

  examine(handshake: Handshake, peer: Hello): void {
    const { node, cluster, certificatesNameNodes } = this.#host.options
    if (peer.cluster !== cluster)
      throw new PeerRefusedError('cluster', `${peer.node} belongs to the cluster ${peer.cluster}, and ${node} to the cluster ${cluster}`)
    if (peer.node === node)
      throw new PeerRefusedError('self', `both ends are named ${node}: a node dialled itself, or two nodes have one name`)
    if (peer.expected !== '' && peer.expected !== node)
      throw new PeerRefusedError('identity', `${peer.expected} was expected here, and this is ${node}`)
    if (handshake.expected !== undefined && handshake.expected !== peer.node)
      throw new PeerRefusedError('identity', `${handshake.expected} was expected there, and this is ${peer.node}`)
    const names = handshake.pipe.certificateNames
    if (certificatesNameNodes && names?.includes(peer.node) !== true)
      throw new PeerRefusedError('certificate', `${peer.node} has a certificate for ${names?.join(', ') || 'nobody'}`)
    this.#host.table.refuseStale(peer)
  }

  compareTypes(theirs: Uint8Array): readonly number[] {
    const { codecs } = this.#host.options
    if (codecs === undefined || theirs.length === 0) return []
    const differences = codecs.compare(typesFrom(theirs))
    const unreadable = differences.filter(({ kind }) => kind === 'different')
    if (unreadable.length > 0) throw new PeerRefusedError('codecs', new TypeMismatchError(unreadable).message)
    return differences.flatMap(({ kind, type }) => (kind === 'missing-there' ? type : []))
  }

  claimOf(peer: Hello): Claim {
    return { ...this.#host.table.knownLink(peer), offered: 0, types: this.#host.options.types }
  }

  offer(handshake: Handshake, peer: Hello, claim: Claim): number {
    return this.#host.table.offer(handshake, peer, claim)
  }

  accept(peer: Hello, offer: number): void {
    this.#host.table.accept(peer, offer)
  }

  opened(handshake: Handshake, peer: Hello, offer: number): void {
    this.#handshakeOver(handshake)
    this.#host.linked(handshake, peer, offer, this.#connections.get(handshake.channel)?.dialer)
  }

  ended(handshake: Handshake, reason: Error): void {
    this.#handshakeOver(handshake)
    this.#host.table.abandoned(handshake)
    const { remoteAddress } = handshake.pipe
    const node = handshake.peer?.node
    // One of two connections too many is in the nature of things.
    if (!(reason instanceof PeerRefusedError && reason.kind === 'duplicate')) {
      this.refusals++
      this.#host.emit({ kind: 'refused', remoteAddress, node, reason })
    }
    this.#connections.get(handshake.channel)?.dialer?.refused(node, reason)
  }

  /** Ends every handshake, and resolves when no connection is left. Links are to be closed before. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const handshake of [...this.#handshakes]) handshake.refuse(this.#closing())
    if (this.#connections.size > 0)
      await new Promise<void>(resolve => {
        this.#onEmpty = resolve
      })
    this.#isClosed = true
  }

  #begin(role: Role, pipe: Pipe, dialer: Dialer | undefined): Handshake {
    const { limits, queueBytes, flushBytes, flushAfterUs, handshakeMs, compressors, clock } = this.#host.options
    const hello = this.#hello(dialer?.expected ?? '')
    const options = { ...limits, queueBytes, flushBytes, flushAfterUs, compressors, clock }
    const handshake = new Handshake(role, pipe, hello, this, user => new FrameChannel(pipe, this, options, user))
    const timer = this.#host.time.after(handshakeMs, () => handshake.break(new TimeoutError('the handshake', handshakeMs)))
    this.#connections.set(handshake.channel, { remoteAddress: pipe.remoteAddress, dialer, timer, isShaking: true })
    this.#handshakes.add(handshake)
    const { refusal } = pipe
    if (this.#isClosing) handshake.refuse(this.#closing())
    else if (refusal !== undefined) handshake.refuse(new PeerRefusedError('certificate', refusal.message, 'us', refusal))
    else handshake.start()
    return handshake
  }

  #closing(): PeerRefusedError {
    return new PeerRefusedError('closing', `${this.#host.options.node} is closing`)
  }

  #handshakeOver(handshake: Handshake): void {
    this.#handshakes.delete(handshake)
    const connection = this.#connections.get(handshake.channel)
    if (connection?.isShaking !== true) return
    connection.isShaking = false
    if (connection.dialer === undefined) this.#admission.handshakeOver()
    // One that ends has a timer for that.
    if (!handshake.channel.isOver) this.#host.time.cancel(connection.timer)
  }

  #hello(expected: string): Hello {
    const { node, cluster, incarnation, limits, compressors } = this.#host.options
    const nonce = this.#randomBytes(NONCE_BYTES)
    const ids = compressors.map(({ id }) => id)
    return { node, cluster, incarnation, boot: this.#boot, expected, hasSecret: this.mac !== undefined, nonce, limits, compressors: ids }
  }

  #randomBytes(length: number): Uint8Array {
    const words = Uint32Array.from({ length: length / 4 }, () => this.#host.options.random.u32())
    return new Uint8Array(words.buffer)
  }

  #flushListed(): void {
    const listed = this.#listed
    this.#listed = []
    for (const channel of listed) {
      channel.isListed = false
      channel.flush()
    }
  }
}

/** @throws {PeerProtocolError} */
function typesFrom(bytes: Uint8Array): readonly TypeDescription[] {
  try {
    return decodeTypes(bytes)
  } catch (error) {
    throw new PeerProtocolError('its types are none', error)
  }
}
