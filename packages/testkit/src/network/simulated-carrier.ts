import {
  type Carrier,
  DisruptorError,
  OptionError,
  type Pipe,
  type PipeAcceptor,
  type PipeUser,
  type Scheduler,
} from '@disruptorx/contracts'
import type { SimulatedProcess } from '../node/simulated-process.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { SimulatedLink } from './simulated-link.ts'

/** Bytes that travel together at most: what is written is cut by chance, and cut again where it arrives. */
const MOST_CUT_BYTES = 16_384
/** A write that finds the connection full is tried again after this, in milliseconds. */
const RETRY_MS = 1

/**
 * The network of a simulated process as a carrier: pipes with addresses such as `sim://n2`, where the host is the node's name. Bytes arrive in order, cut
 * anywhere, late, or not at all: then the pipe breaks, or just falls silent.
 *
 * @example
 * const transport = createTransport({
 *   node: process.name, cluster: 'demo', carriers: [simulatedCarrier(process)],
 *   clock: process.clock, random: process.random, scheduler: process.scheduler,
 * })
 */
export function simulatedCarrier(process: SimulatedProcess): Carrier {
  let acceptor: PipeAcceptor | undefined
  let pipes = 0
  const pipeOf = (link: SimulatedLink) => new SimulatedPipe(link, process.scheduler, process.random.derive('pipe', pipes++))
  process.listen(link => {
    if (acceptor?.admits(link.peer) === true) acceptor.accept(pipeOf(link))
    else link.destroy()
  })
  return {
    scheme: 'sim',
    async listen(address, _terms, given) {
      if (hostOf(address) !== process.name) throw new OptionError('address', address, `sim://${process.name}`)
      if (acceptor !== undefined) throw new DisruptorError('DX_LISTEN', `cannot listen at ${address}: somebody does already`, { address })
      acceptor = given
      const close = async () => {
        acceptor = undefined
      }
      return { address, close }
    },
    dial(address, _terms, opened, failed) {
      let isGivenUp = false
      process.connect(
        hostOf(address),
        link => (isGivenUp ? link.destroy() : opened(pipeOf(link))),
        error => isGivenUp || failed(error),
      )
      return () => {
        isGivenUp = true
      }
    },
  }
}

function hostOf(address: string): string {
  const host = /^sim:\/\/([^/]+)$/.exec(address)?.[1]
  if (host === undefined) throw new OptionError('address', address, 'sim:// and the name of a node')
  return host
}

/** A connection of a simulated network as a pipe. */
class SimulatedPipe implements Pipe {
  readonly remoteAddress: string
  readonly certificateNames = undefined
  readonly binding = undefined
  readonly #link: SimulatedLink
  readonly #scheduler: Scheduler
  readonly #random: SeededRandom
  #user: PipeUser | undefined
  /** What is left of the write that is under way. */
  #bytes: Uint8Array | undefined
  #isEnding = false
  #isGone = false

  constructor(link: SimulatedLink, scheduler: Scheduler, random: SeededRandom) {
    this.remoteAddress = link.peer
    this.#link = link
    this.#scheduler = scheduler
    this.#random = random
  }

  open(user: PipeUser): void {
    this.#user = user
    // Later: what a link has to tell already, it tells at once.
    this.#scheduler.schedule(0, () => {
      this.#link.onClosed(reason => this.#closed(reason))
      this.#link.onFrame(frame => this.#received(frame))
    })
  }

  write(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#soon(0)
  }

  pause(): void {
    this.#link.pause()
  }

  resume(): void {
    this.#link.resume()
  }

  end(): void {
    this.#isEnding = true
    this.#soon(0)
  }

  destroy(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#link.destroy()
  }

  #soon(delayMs: number): void {
    this.#scheduler.schedule(delayMs, () => this.#work())
  }

  /** Hands over what the connection takes; tells the user when all of it is gone; ends when that is wanted. */
  #work(): void {
    if (this.#isGone) return
    const bytes = this.#bytes
    if (bytes !== undefined) {
      const left = this.#send(bytes)
      this.#bytes = left.length > 0 ? left : undefined
      if (left.length > 0) this.#soon(RETRY_MS)
      else this.#user?.written()
    }
    if (this.#isEnding && this.#bytes === undefined && !this.#isGone) void this.#link.close()
  }

  /** Returns what the connection does not take now. */
  #send(bytes: Uint8Array): Uint8Array {
    let at = 0
    while (at < bytes.length) {
      const length = Math.min(bytes.length - at, this.#random.between(1, MOST_CUT_BYTES))
      if (!this.#link.send(bytes.subarray(at, at + length))) break
      at += length
    }
    return bytes.subarray(at)
  }

  #received(frame: Uint8Array): void {
    for (let at = 0; at < frame.length && !this.#isGone; ) {
      const length = Math.min(frame.length - at, this.#random.between(1, MOST_CUT_BYTES))
      this.#user?.received(frame.subarray(at, at + length))
      at += length
    }
  }

  #closed(reason: Error | undefined): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#user?.closed(reason)
  }
}
