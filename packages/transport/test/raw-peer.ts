import { connect, type Socket } from 'node:net'
import { FrameDecoder, FrameWriter } from '@disruptorx/serializer'
import { type Hello, readHello, readRefusal, writeClaim, writeHello } from '../src/handshake/messages.ts'
import { HELLO, OPEN, PROOF, READY, REFUSE } from '../src/protocol/frame-kinds.ts'

export const hello: Hello = {
  node: 'raw',
  cluster: 'test',
  incarnation: 0,
  boot: '0011223344556677',
  expected: '',
  hasSecret: false,
  nonce: new Uint8Array(32).fill(7),
  limits: {
    maxFrameBytes: 2 ** 20 + 8,
    maxBatchBytes: 2 ** 20 + 2 ** 17,
    maxFrames: 65_536,
    maxRequests: 100,
    maxStreams: 10,
    streamWindowBytes: 65_536,
  },
  compressors: [],
}

/** A frame that came. */
export interface RawFrame {
  readonly kind: number
  readonly payload: Uint8Array
}

/** A peer that speaks the protocol byte by byte, over a socket of its own, and so can break it. */
export class RawPeer {
  readonly socket: Socket
  readonly frames: RawFrame[] = []
  isClosed = false
  readonly #writer = new FrameWriter()
  #wake = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    const decoder = new FrameDecoder(frame => {
      this.frames.push({ kind: frame.flags, payload: frame.copy() })
      this.#wake()
    })
    socket.on('data', bytes => decoder.push(bytes))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  /** Connects to `tcp://127.0.0.1:port`. */
  static async connect(address: string): Promise<RawPeer> {
    const socket = connect({ host: '127.0.0.1', port: Number(address.split(':')[2]), noDelay: true })
    const peer = new RawPeer(socket)
    await peer.until(() => peer.isClosed || !socket.connecting)
    return peer
  }

  /** Connects, and makes the connection a link. */
  static async linked(address: string, own: Partial<Hello> = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(address)
    peer.send(HELLO, writeHello({ ...hello, ...own }))
    await peer.frame(HELLO)
    peer.send(PROOF, proof())
    // The node under test is named b, which is less than raw: it decides.
    await peer.frame(PROOF)
    peer.send(READY)
    return peer
  }

  send(kind: number, payload: Uint8Array = new Uint8Array(0), type = 0): void {
    this.#writer.append(type, kind, payload)
    this.socket.write(this.#writer.take())
  }

  /** Many frames in one write. */
  flood(kind: number, payload: Uint8Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#writer.append(0, kind, payload)) continue
      this.socket.write(this.#writer.take())
      this.#writer.append(0, kind, payload)
    }
    this.socket.write(this.#writer.take())
  }

  /** The next frame of a kind, which is then forgotten. Rejects when the connection ends without. */
  async frame(kind: number): Promise<Uint8Array> {
    await this.until(() => this.isClosed || this.frames.some(frame => frame.kind === kind))
    const at = this.frames.findIndex(frame => frame.kind === kind)
    const refusal = this.frames.find(frame => frame.kind === REFUSE)
    if (at < 0) throw refusal === undefined ? new Error(`no frame of kind ${kind} came`) : readRefusal(refusal.payload)
    return (this.frames.splice(at, 1)[0] as RawFrame).payload
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed)
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition())
      await new Promise<void>(resolve => {
        this.#wake = resolve
        if (this.socket.connecting) this.socket.once('connect', resolve)
      })
  }
}

/** A proof without a code, of an end that knows of no link. */
export function proof(offered = 0): Uint8Array {
  const claim = writeClaim({ seen: 0, isOpen: false, offered, types: new Uint8Array(0) })
  return Uint8Array.of(0, ...claim)
}

export { HELLO, OPEN, PROOF, READY, REFUSE, readHello }

/** An id, or any other number of 32 bits, and what follows it. */
export function u32(value: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff, ...rest)
}
