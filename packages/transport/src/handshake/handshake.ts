import type { Pipe } from '@disruptorx/contracts'
import type { Frame } from '@disruptorx/serializer'
import { LinkBrokenError, PeerProtocolError } from '../errors.ts'
import type { AgreedLimits, ChannelUser } from '../link/channel-contract.ts'
import type { FrameChannel } from '../link/frame-channel.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { HELLO, OPEN, PROOF, READY, REFUSE } from '../protocol/frame-kinds.ts'
import { type Claim, type Hello, MAC_BYTES, readClaim, readHello, readRefusal, writeClaim, writeHello, writeRefusal } from './messages.ts'
import { type Mac, proofInput, type Role, type Transcript } from './proof.ts'
import { PeerRefusedError } from './refusal.ts'

/** What a handshake needs of the transport. All of it may throw {@link PeerRefusedError}. */
export interface HandshakeHost {
  readonly mac: Mac | undefined
  /** Judges what the peer says of itself. */
  examine(handshake: Handshake, peer: Hello): void
  /** Compares the peer's types with ours. Called when the peer has proved itself. Returns those that it does not have. */
  compareTypes(theirs: Uint8Array): readonly number[]
  /** What is known here of links that the peer decides about. */
  claimOf(peer: Hello): Claim
  /** The number of the link that this connection shall become. Called at the end that decides. */
  offer(handshake: Handshake, peer: Hello, claim: Claim): number
  /** The peer has decided. */
  accept(peer: Hello, link: number): void
  /** The connection is a link from now on. */
  opened(handshake: Handshake, peer: Hello, link: number): void
  /** The connection is none, and never will be. */
  ended(handshake: Handshake, reason: Error): void
}

type State = 'hello' | 'proving' | 'proof' | 'open' | 'ready' | 'over'

const nothing = new Uint8Array(0)

/**
 * Makes a connection a link, at one of its ends.
 *
 * ```
 * dialer    HELLO              PROOF                 READY | OPEN(n)
 * acceptor         HELLO               PROOF(n | 0)                  READY
 * ```
 *
 * Which of several connections becomes the one link of two nodes is for one of them to decide, the one whose name is less: it offers the link's number, as
 * acceptor in its PROOF, as dialer by OPEN. The other end says READY. Nothing else is sent before that, so that codes may be made and checked in their own time.
 */
export class Handshake implements ChannelUser {
  readonly role: Role
  readonly pipe: Pipe
  readonly channel: FrameChannel
  readonly #host: HandshakeHost
  readonly #hello: Hello
  readonly #ownBytes: Uint8Array
  #state: State = 'hello'
  #peer: Hello | undefined
  #transcript: Transcript | undefined
  #missingTypes: readonly number[] = []
  /** The number that was offered from here. */
  #offered = 0

  /** @param hello what this end says of itself */
  constructor(role: Role, pipe: Pipe, hello: Hello, host: HandshakeHost, makeChannel: (user: ChannelUser) => FrameChannel) {
    this.role = role
    this.pipe = pipe
    this.#host = host
    this.#hello = hello
    this.#ownBytes = writeHello(hello)
    this.channel = makeChannel(this)
  }

  /** What the peer says it is, as soon as that is known. */
  get peer(): Hello | undefined {
    return this.#peer
  }

  /** Types of ours that the peer does not have, once it has proved itself. */
  get missingTypes(): readonly number[] {
    return this.#missingTypes
  }

  /** Whom the dialler wants to meet; undefined for anybody. */
  get expected(): string | undefined {
    return this.#hello.expected === '' ? undefined : this.#hello.expected
  }

  start(): void {
    if (this.role === 'dialer') this.channel.control(HELLO, this.#ownBytes)
  }

  frame(frame: Frame): void {
    this.#guard(() => this.#take(frame.flags, frame.copy()))
  }

  filling(): void {}

  drained(): void {}

  closed(reason: Error | undefined): void {
    this.#end(reason ?? new LinkBrokenError('the connection ended during the handshake'))
  }

  /** Ends the handshake, and tells the peer why. */
  refuse(error: PeerRefusedError): void {
    if (this.#state === 'over') return
    this.channel.control(REFUSE, writeRefusal(error))
    this.channel.end()
    this.#end(error)
  }

  /** Ends the handshake without a word. Without effect on one that is over: its channel may be a link. */
  break(reason: Error): void {
    if (this.#state !== 'over') this.channel.fail(reason)
  }

  #take(kind: number, payload: Uint8Array): void {
    const state = this.#state
    if (kind === REFUSE) {
      this.channel.end()
      this.#end(readRefusal(payload))
    } else if (kind === HELLO && state === 'hello') this.#onHello(payload)
    else if (kind === PROOF && state === 'proof') this.#onProof(payload)
    else if (kind === OPEN && state === 'open') this.#onOpen(new ByteReader('the offer', payload, 0, payload.length).u32())
    else if (kind === READY && state === 'ready') this.#open(this.#offered)
    else throw new PeerProtocolError(`a frame of kind ${kind} in a handshake that waits for ${state}`)
  }

  #onHello(bytes: Uint8Array): void {
    const peer = readHello(bytes)
    this.#peer = peer
    this.#host.examine(this, peer)
    if (peer.hasSecret !== this.#hello.hasSecret) {
      const [has, lacks] = peer.hasSecret ? [peer.node, this.#hello.node] : [this.#hello.node, peer.node]
      throw new PeerRefusedError('secret', `${has} wants proof of the cluster's secret, and ${lacks} was given none (option secret)`)
    }
    const own = this.#ownBytes
    const binding = this.pipe.binding ?? nothing
    this.#transcript = this.role === 'dialer' ? { dialer: own, acceptor: bytes, binding } : { dialer: bytes, acceptor: own, binding }
    this.channel.agree(common(this.#hello, peer))
    if (this.role === 'dialer') this.#prove(peer, 0)
    else {
      this.channel.control(HELLO, own)
      this.#state = 'proof'
    }
  }

  /** Sends the proof of this end. */
  #prove(peer: Hello, offered: number): void {
    const claim = writeClaim({ ...this.#host.claimOf(peer), offered })
    this.#refuseSize(1 + MAC_BYTES + claim.length)
    const send = (code: Uint8Array) => {
      this.#state = this.role === 'dialer' ? 'proof' : offered > 0 ? 'ready' : 'open'
      this.channel.control(PROOF, new ByteWriter().u8(code.length).bytes(code).bytes(claim).finish())
    }
    this.#state = 'proving'
    const { mac } = this.#host
    if (mac === undefined) send(nothing)
    else
      mac.sign(
        this.#inputOf(this.role, claim),
        code => this.#guard(() => send(code)),
        error => this.#failed(error),
      )
  }

  /** What this end says of its types may be more than the other one takes. */
  #refuseSize(bytes: number): void {
    const most = this.channel.mostPayloadBytes
    if (bytes > most)
      throw new PeerRefusedError(
        'codecs',
        `to describe the types of ${this.#hello.node} takes a message of ${bytes} bytes, and one end takes at most ${most} (option maxMessageBytes)`,
      )
  }

  #onProof(bytes: Uint8Array): void {
    const { mac } = this.#host
    const codeBytes = mac === undefined ? 0 : MAC_BYTES
    if (bytes[0] !== codeBytes || bytes.length < 1 + codeBytes) throw new PeerProtocolError('its proof is none')
    const code = bytes.subarray(1, 1 + codeBytes)
    const claim = bytes.subarray(1 + codeBytes)
    const proved = () => this.#onProved(this.#peer as Hello, readClaim(claim))
    if (mac === undefined) {
      proved()
      return
    }
    this.#state = 'proving'
    const other = this.role === 'dialer' ? 'acceptor' : 'dialer'
    const judge = (isRight: boolean) => {
      if (!isRight)
        throw new PeerRefusedError('secret', `${this.#peer?.node} has another secret, or somebody in between changes what is sent`)
      proved()
    }
    mac.verify(
      this.#inputOf(other, claim),
      code,
      isRight => this.#guard(() => judge(isRight)),
      error => this.#failed(error),
    )
  }

  #onProved(peer: Hello, claim: Claim): void {
    const host = this.#host
    this.channel.takesCompressed = true
    this.#missingTypes = host.compareTypes(claim.types)
    const decides = this.#hello.node < peer.node
    if (decides) this.#offered = host.offer(this, peer, claim)
    if (this.role === 'acceptor') this.#prove(peer, this.#offered)
    else if (decides) {
      this.#state = 'ready'
      this.channel.control(OPEN, new ByteWriter().u32(this.#offered).finish())
    } else this.#onOpen(claim.offered)
  }

  #onOpen(link: number): void {
    const peer = this.#peer as Hello
    if (this.#hello.node < peer.node || link === 0) throw new PeerProtocolError('it offers a link that it may not offer')
    this.#host.accept(peer, link)
    this.channel.control(READY, nothing)
    this.#open(link)
  }

  #open(link: number): void {
    this.#state = 'over'
    this.channel.mostReceivedBytes = Number.POSITIVE_INFINITY
    this.channel.sendsCompressed = true
    this.#host.opened(this, this.#peer as Hello, link)
  }

  #inputOf(role: Role, claim: Uint8Array): Uint8Array {
    return proofInput(role, this.#transcript as Transcript, claim)
  }

  /** Runs a part of it, unless it is over; what that refuses, the peer is told. */
  #guard(part: () => void): void {
    if (this.#state === 'over') return
    try {
      part()
    } catch (error) {
      if (error instanceof PeerRefusedError) this.refuse(error)
      else if (error instanceof PeerProtocolError) this.refuse(new PeerRefusedError('protocol', String(error.details.what)))
      else this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.break(error instanceof Error ? error : new LinkBrokenError(String(error)))
  }

  #end(reason: Error): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#host.ended(this, reason)
  }
}

/** What both ends take. */
function common(a: Hello, b: Hello): AgreedLimits {
  return {
    maxFrameBytes: Math.min(a.limits.maxFrameBytes, b.limits.maxFrameBytes),
    maxBatchBytes: Math.min(a.limits.maxBatchBytes, b.limits.maxBatchBytes),
    maxFrames: Math.min(a.limits.maxFrames, b.limits.maxFrames),
    compressors: a.compressors.filter(id => b.compressors.includes(id)),
  }
}
