import { ClosedError, DisruptorError, type Link, OptionError } from '@disruptorx/contracts'
import type { SimulatedNetwork, Station } from './simulated-network.ts'

/** A simulated connection broke, or was never made. Code `DX_LINK_BROKEN`. */
export class LinkBrokenError extends DisruptorError {
  constructor(from: string, to: string, why: string) {
    super('DX_LINK_BROKEN', `the link from ${from} to ${to} is broken: ${why}`, { from, to, why })
  }
}

/** A connection over a simulated network, which can also be held up and broken from one of its ends. */
export interface SimulatedLink extends Link {
  /** Takes no frames until {@link resume}: they stay with the other end, whose queue fills. */
  pause(): void
  resume(): void
  /** Ends it at once: what is under way is lost, and the other end is told that it broke. */
  destroy(): void
}

/** A process that has connections. */
export interface LinkStation extends Station {
  /** Who is told of connections that others make; `undefined` when nobody wants any. */
  readonly accept: ((link: SimulatedLink) => void) | undefined
  /** Takes note of an end that lives in this process. */
  readonly links: Set<LinkEnd>
}

/** Bytes under way beyond which a link takes no more. */
const MOST_QUEUED_BYTES = 1_048_576
/** Frames that wait for a listener. */
const MOST_EARLY = 10_000
/** Control messages of a connection are counted as so many bytes. */
const CONTROL_BYTES = 40
/** A frame that did not arrive for so long breaks the link. Also how long a connection may take. */
const BREAK_AFTER_NS = 10_000_000_000

/**
 * One end of a connection over a simulated network: frames arrive in order, each once, however often they had to be sent; or the link is declared broken,
 * after 10 s in which nothing got through, or when the process at the other end has changed.
 */
export class LinkEnd implements SimulatedLink {
  readonly peer: string
  readonly #network: SimulatedNetwork
  readonly #home: LinkStation
  #other: LinkEnd | undefined
  #onFrame: ((frame: Uint8Array) => void) | undefined
  #onClosed: ((reason: Error | undefined) => void) | undefined
  /** What came before anybody listened, or while it was paused; `taken` gives the sender its room back. */
  #early: { readonly frame: Uint8Array; readonly taken: () => void }[] = []
  #isPaused = false
  #isDelivering = false
  #queuedBytes = 0
  #closed = false
  #reason: Error | undefined

  constructor(network: SimulatedNetwork, home: LinkStation, peer: string) {
    this.#network = network
    this.#home = home
    this.peer = peer
    home.links.add(this)
  }

  /** Connects two ends with each other. */
  static join(a: LinkEnd, b: LinkEnd): void {
    a.#other = b
    b.#other = a
  }

  send(frame: Uint8Array): boolean {
    if (this.#closed) throw new ClosedError(`the link from ${this.#home.name} to ${this.peer}`)
    if (frame.length > MOST_QUEUED_BYTES) throw new OptionError('frame', frame.length, `at most ${MOST_QUEUED_BYTES} bytes`)
    if (this.#queuedBytes + frame.length > MOST_QUEUED_BYTES) return false
    const copy = frame.slice()
    this.#queuedBytes += copy.length
    const taken = () => {
      this.#queuedBytes -= copy.length
    }
    return this.#transmit(copy.length, other => other.#take(copy, taken))
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener
    this.#deliver()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#deliver()
  }

  onClosed(listener: (reason: Error | undefined) => void): void {
    this.#onClosed = listener
    if (this.#closed) listener(this.#reason)
  }

  close(): Promise<void> {
    if (!this.#closed) this.#transmit(CONTROL_BYTES, other => other.end(undefined))
    this.end(undefined)
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  destroy(): void {
    this.reset('it was broken there')
    this.#home.links.delete(this)
  }

  /** This end is gone while its machine goes on: the other end is told. */
  reset(why = 'its process is gone'): void {
    if (!this.#closed) this.#transmit(CONTROL_BYTES, other => other.break(why))
    this.#closed = true
  }

  /** Something went wrong: no frame is taken or given any more. */
  break(why: string): void {
    if (this.#closed) return
    this.#network.sim.coverage.count('network.linkBreaks')
    this.#network.sim.trace?.fault(this.#home.name, 'link broken', { peer: this.peer, why })
    this.end(new LinkBrokenError(this.#home.name, this.peer, why))
  }

  end(reason: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#reason = reason
    this.#home.links.delete(this)
    this.#onClosed?.(reason)
  }

  #take(frame: Uint8Array, taken: () => void): void {
    if (this.#closed) return
    this.#early.push({ frame, taken })
    if (this.#early.length > MOST_EARLY && !this.#isPaused) this.break('nobody listens')
    else this.#deliver()
  }

  /** Hands over what has come, unless nobody wants it now. One frame at a time: the listener may resume it. */
  #deliver(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      while (this.#onFrame !== undefined && !this.#isPaused && !this.#closed) {
        const first = this.#early.shift()
        if (first === undefined) return
        first.taken()
        this.#onFrame(first.frame)
      }
    } finally {
      this.#isDelivering = false
    }
  }

  /** Sends something to the other end. It breaks this one when it does not arrive, or finds another process there. */
  #transmit(bytes: number, arrive: (other: LinkEnd) => void): boolean {
    const { sim } = this.#network
    let arrived = false
    const other = this.#other
    if (other === undefined) return false
    const deadline = sim.schedule(
      BREAK_AFTER_NS,
      () => {
        if (!arrived) this.break('nothing gets through')
      },
      this.#home,
    )
    const taken = this.#network.wire(this.#home.name, this.peer).transmit({
      kind: 'frame',
      bytes,
      arrive: () => {
        if (this.#network.find(this.peer) === undefined) return
        arrived = true
        sim.cancel(deadline)
        if (!this.#network.handTo(other.#home, () => arrive(other))) this.#refused()
      },
    })
    if (!taken) sim.cancel(deadline)
    return taken
  }

  /** The machine of the peer is there, but not the process of this link: it says so. */
  #refused(): void {
    const tell = () => this.break('another process is at the other end')
    this.#network.wire(this.peer, this.#home.name).transmit({
      kind: 'frame',
      bytes: CONTROL_BYTES,
      arrive: () => void this.#network.handTo(this.#home, tell),
    })
  }
}

/** Makes a connection: a request goes there, an answer comes back. */
export function connectLink(
  network: SimulatedNetwork,
  home: LinkStation,
  peer: string,
  opened: (link: SimulatedLink) => void,
  failed: (error: LinkBrokenError) => void,
): void {
  const { sim } = network
  let over = false
  const end = (settle: () => void) => {
    if (over) return
    over = true
    sim.cancel(deadline)
    settle()
  }
  const fail = (why: string) => end(() => failed(new LinkBrokenError(home.name, peer, why)))
  const deadline = sim.schedule(BREAK_AFTER_NS, () => fail('no answer'), home)
  const answer = (settle: () => void) =>
    network.wire(peer, home.name).transmit({ kind: 'frame', bytes: CONTROL_BYTES, arrive: () => void network.handTo(home, settle) })
  const request = () => {
    const there = network.find(peer) as LinkStation | undefined
    if (there === undefined) return
    network.handTo(there, () => {
      const { accept } = there
      if (accept === undefined) return void answer(() => fail('refused'))
      const near = new LinkEnd(network, home, peer)
      const far = new LinkEnd(network, there, home.name)
      LinkEnd.join(near, far)
      accept(far)
      answer(() => end(() => opened(near)))
    })
  }
  network.wire(home.name, peer).transmit({ kind: 'frame', bytes: CONTROL_BYTES, arrive: request })
}
