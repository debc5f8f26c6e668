import type { SeededRandom } from '../seeded-random.ts'
import { drawFrom, drawFromDistribution, happens } from '../simulation/range.ts'
import type { Simulation } from '../simulation/simulation.ts'
import type { LinkConditions } from './conditions.ts'

/**
 * How a packet may fare. `datagram`: lost, doubled, overtaken. `message`: lost, but neither doubled nor overtaken. `frame`: none of it, for it is sent again
 * until it arrives; only late.
 */
export type PacketKind = 'datagram' | 'message' | 'frame'

/** Something on its way. */
export interface Packet {
  readonly kind: PacketKind
  readonly bytes: number
  /** It is there. */
  arrive(): void
  /** The same once more, for a wire that doubles it. */
  copy?(): Packet
}

/** After this time a frame that was lost is sent again, in nanoseconds. */
const RESEND_NS = 200_000_000

/** The dice of one wire: one source for each purpose, so that turning a fault off changes nothing for the others. */
interface Dice {
  readonly delay: SeededRandom
  readonly loss: SeededRandom
  readonly duplication: SeededRandom
  readonly reordering: SeededRandom
}

/** One direction between two nodes. */
export class Wire {
  readonly name: string
  readonly #sim: Simulation
  readonly #dice: Dice
  conditions: LinkConditions
  /** Whether the conditions are this wire's own. */
  hasOwnConditions = false
  /** Who cut it, and who clogged it: it is free again when all of them have let go. */
  readonly #cuts = new Set<object>()
  readonly #clogs = new Set<object>()
  /** Packets that stay put until the wire is free again, in order. */
  #held: { readonly packet: Packet; readonly number: number }[] = []
  #queued = 0
  /** When the last byte handed over so far is on the wire. */
  #busyUntilNs = 0
  /** When the last packet that keeps the order arrives. */
  readonly #lastArrivalNs = { datagram: 0, message: 0, frame: 0 }
  /** Datagrams sent, and the newest that arrived: how it shows that one was overtaken. */
  #datagrams = 0
  #newest = 0

  constructor(sim: Simulation, from: string, to: string, conditions: LinkConditions) {
    this.name = `${from}>${to}`
    this.#sim = sim
    this.conditions = conditions
    const random = sim.randomFor('link', from, to)
    this.#dice = {
      delay: random.derive('delay'),
      loss: random.derive('loss'),
      duplication: random.derive('duplication'),
      reordering: random.derive('reordering'),
    }
  }

  /** Nothing gets through: packets and those under way are lost, but for frames, which wait. */
  get isCut(): boolean {
    return this.#cuts.size > 0
  }

  /** Packets stay where they are and come later. */
  get isClogged(): boolean {
    return this.#clogs.size > 0
  }

  // Hot: benchmark `simulation/network`.
  /** Sends a packet on its way. False when too many are: it was not taken. */
  transmit(packet: Packet): boolean {
    const { conditions } = this
    if (this.#queued >= conditions.maxQueued) return this.#meet('overflow', packet, false)
    const isFrame = packet.kind === 'frame'
    if (this.isCut && !isFrame) return this.#meet('cut', packet, true)
    const isLost = happens(conditions.loss, this.#dice.loss)
    if (isLost) this.#meet('loss', packet, true)
    if (isLost && !isFrame) return true
    const atNs = this.#arrivalNs(packet, isLost ? RESEND_NS : 0)
    this.#launch(packet, packet.kind === 'datagram' ? ++this.#datagrams : 0, atNs)
    if (packet.kind === 'datagram' && packet.copy !== undefined && happens(conditions.duplication, this.#dice.duplication)) {
      this.#meet('duplication', packet, true)
      this.#launch(packet.copy(), 0, atNs + drawFrom(conditions.holdUpMs, this.#dice.duplication) * 1e6)
    }
    return true
  }

  /** Cuts the wire. The result mends it, unless somebody else has cut it too. */
  cut(): () => void {
    return this.#hold(this.#cuts, 'cut', 'mended')
  }

  /** Clogs the wire. The result frees it, unless somebody else has clogged it too. */
  clog(): () => void {
    return this.#hold(this.#clogs, 'clogged', 'free again')
  }

  /** Whoever cut or clogged it lets go. */
  free(): void {
    this.#cuts.clear()
    this.#clogs.clear()
    this.#release()
  }

  #hold(holders: Set<object>, begun: string, ended: string): () => void {
    const holder = {}
    holders.add(holder)
    this.#sim.trace?.fault(this.name, begun)
    return () => {
      if (!holders.delete(holder) || holders.size > 0) return
      this.#sim.trace?.record(this.name, ended)
      this.#release()
    }
  }

  /** The moment at which a packet arrives, as far as delay, order and bandwidth decide. */
  #arrivalNs({ kind, bytes }: Packet, lateNs: number): number {
    const { conditions } = this
    const nowNs = this.#sim.nowNs
    let departsNs = nowNs
    if (conditions.bytesPerSecond !== Number.POSITIVE_INFINITY) {
      if (this.#busyUntilNs > nowNs) this.#sim.coverage.count('network.bandwidth')
      departsNs = this.#busyUntilNs = Math.max(nowNs, this.#busyUntilNs) + (bytes / conditions.bytesPerSecond) * 1e9
    }
    const atNs = departsNs + lateNs + drawFromDistribution(conditions.delayMs, this.#dice.delay) * 1e6
    if (kind === 'datagram' && happens(conditions.reordering, this.#dice.reordering))
      return atNs + drawFrom(conditions.holdUpMs, this.#dice.reordering) * 1e6
    const last = this.#lastArrivalNs
    last[kind] = Math.max(atNs, last[kind] + 1)
    return last[kind]
  }

  /** @param number counts datagrams; 0 for what is not looked at: copies, and what keeps its order anyway */
  #launch(packet: Packet, number: number, atNs: number): void {
    this.#queued++
    this.#sim.schedule(Math.max(0, atNs - this.#sim.nowNs), () => this.#arrive(packet, number))
  }

  #arrive(packet: Packet, number: number): void {
    if (this.isClogged || (this.isCut && packet.kind === 'frame')) {
      this.#held.push({ packet, number })
      this.#meet('clogged', packet, true)
      return
    }
    this.#queued--
    if (this.isCut) {
      this.#meet('cut', packet, false)
      return
    }
    if (number > this.#newest) this.#newest = number
    else if (number > 0) this.#meet('reordering', packet, true)
    packet.arrive()
  }

  #release(): void {
    const held = this.#held
    this.#held = []
    for (const { packet, number } of held) this.#arrive(packet, number)
  }

  /** Takes note of something that befell a packet. Returns `taken`. */
  #meet(what: string, { kind, bytes }: Packet, taken: boolean): boolean {
    this.#sim.coverage.count(`network.${what}`)
    this.#sim.trace?.record(this.name, what, { kind, bytes })
    return taken
  }
}
