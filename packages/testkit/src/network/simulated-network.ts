import type { EventOwner } from '../simulation/event-queue.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { cloneMessage } from './clone-message.ts'
import { type LinkConditions, resolveConditions } from './conditions.ts'
import { type Packet, Wire } from './wire.ts'

/** What a process may send without a connection. `datagram`: with every fault of the network. `message`: at most once and in order, as the port `MessageSender` has it. */
export type PayloadKind = 'datagram' | 'message'

/** A process that takes part in a network. */
export interface Station extends EventOwner {
  readonly name: string
  /** Something came from a peer. */
  receive(kind: PayloadKind, peer: string, payload: unknown): void
}

/** How a simulated network behaves; conditions hold for every wire without its own. */
export interface SimulatedNetworkOptions extends Partial<LinkConditions> {
  /** Size of a payload that is no byte array, for the bandwidth. @default 64 bytes each */
  readonly sizeOf?: (payload: unknown) => number
}

/** Bytes that a payload is taken for that is no byte array. */
const OBJECT_BYTES = 64

/**
 * The network between simulated nodes: every direction between two of them is a wire of its own, with its own conditions, chance and faults.
 *
 * Faults that fired count in the coverage as `network.loss`, `duplication`, `reordering` (a packet arrived after one that was sent later), `cut`, `clogged`,
 * `overflow`, `bandwidth` (a packet waited for another) and `unreachable` (nobody was there).
 *
 * @example
 * const network = new SimulatedNetwork(sim, { delayMs: { least: 0.2, mean: 1 }, loss: 0.01 })
 * const mend = network.partition(['a'], ['b', 'c'])
 */
export class SimulatedNetwork {
  readonly sim: Simulation
  readonly #sizeOf: (payload: unknown) => number
  readonly #stations = new Map<string, Station>()
  /** What waits at stations that were paused: what comes later does not overtake it. */
  readonly #waiting = new WeakMap<Station, (() => void)[]>()
  readonly #wires = new Map<string, Map<string, Wire>>()
  /** What was set, what lies over it, and what holds with both. */
  #set: LinkConditions
  readonly #worse = new Set<Partial<LinkConditions>>()
  #conditions: LinkConditions

  /** @throws {OptionError} */
  constructor(sim: Simulation, options: SimulatedNetworkOptions = {}) {
    const { sizeOf, ...conditions } = options
    this.sim = sim
    this.#sizeOf = sizeOf ?? (() => OBJECT_BYTES)
    this.#set = this.#conditions = resolveConditions(conditions)
    this.#expect(this.#conditions)
  }

  /** A process takes part from now on, in the place of an earlier one of its name. */
  join(station: Station): void {
    this.#stations.set(station.name, station)
  }

  /** The living process of a name. */
  find(name: string): Station | undefined {
    const station = this.#stations.get(name)
    return station?.state === 'gone' ? undefined : station
  }

  /** Sends a copy of a payload. False when too many packets are under way on this wire. @throws {MessageError} */
  send(kind: PayloadKind, from: string, to: string, payload: unknown): boolean {
    const copy = cloneMessage(payload)
    const bytes = copy instanceof Uint8Array ? copy.length : this.#sizeOf(copy)
    return this.wire(from, to).transmit(new PayloadPacket(this, kind, from, to, copy, bytes))
  }

  /** Lets something happen at a station: at once, or when it goes on, and then in the order of these calls. False when it is gone. */
  handTo(station: Station | undefined, task: () => void): boolean {
    if (station === undefined || station.state === 'gone') return false
    const waiting = this.#waiting.get(station) ?? []
    if (station.state === 'running' && waiting.length === 0) {
      task()
      return true
    }
    this.#waiting.set(station, waiting)
    if (waiting.push(task) === 1) this.#handLater(station, waiting)
    return true
  }

  /** The wire from one node to another. */
  wire(from: string, to: string): Wire {
    let wires = this.#wires.get(from)
    if (wires === undefined) {
      wires = new Map()
      this.#wires.set(from, wires)
    }
    let wire = wires.get(to)
    if (wire === undefined) {
      wire = new Wire(this.sim, from, to, this.#conditions)
      wires.set(to, wire)
    }
    return wire
  }

  /** Changes what all wires are like that have no conditions of their own. @throws {OptionError} */
  setConditions(conditions: Partial<LinkConditions>): void {
    this.#set = resolveConditions(conditions, this.#set)
    this.#spread()
  }

  /** Puts other conditions over those of all wires without their own, until the result is called. @throws {OptionError} */
  worsen(conditions: Partial<LinkConditions>): () => void {
    resolveConditions(conditions, this.#set)
    const worse = { ...conditions }
    this.#worse.add(worse)
    this.#spread()
    return () => {
      if (this.#worse.delete(worse)) this.#spread()
    }
  }

  /** Changes what the wire from one node to another is like. @throws {OptionError} */
  setWire(from: string, to: string, conditions: Partial<LinkConditions>): void {
    const wire = this.wire(from, to)
    wire.conditions = resolveConditions(conditions, wire.conditions)
    wire.hasOwnConditions = true
    this.#expect(wire.conditions)
  }

  /** Cuts every wire from one of these to one of those: one way. The result mends them. */
  cut(from: readonly string[], to: readonly string[]): () => void {
    return all(this.#between(from, to).map(wire => wire.cut()))
  }

  /** Cuts groups of nodes off from each other, both ways. The result mends them. Wires that no two groups share stay: a partial partition is two pairs. */
  partition(...groups: readonly (readonly string[])[]): () => void {
    return all(groups.flatMap(group => groups.filter(other => other !== group).map(other => this.cut(group, other))))
  }

  /** Clogs every wire from one of these to one of those: packets stay put and come when the result is called. */
  clog(from: readonly string[], to: readonly string[]): () => void {
    return all(this.#between(from, to).map(wire => wire.clog()))
  }

  /** Everything is repaired: no wire is cut or clogged, none loses, doubles or reorders. Delays and bandwidths stay as they are for all. */
  heal(): void {
    this.#set = { ...this.#set, loss: 0, duplication: 0, reordering: 0 }
    this.#worse.clear()
    for (const wire of this.#allWires()) {
      wire.hasOwnConditions = false
      wire.free()
    }
    this.#spread()
    this.sim.trace?.record('network', 'healed')
  }

  /** Hands over what waits at a station, each as an event of its own, as soon as the station goes on. */
  #handLater(station: Station, waiting: (() => void)[]): void {
    const hand = () => {
      const task = waiting.shift()
      if (waiting.length > 0) this.#handLater(station, waiting)
      task?.()
    }
    this.sim.schedule(0, hand, station)
  }

  /** Lets everything that was set hold. */
  #spread(): void {
    this.#conditions = this.#set
    for (const worse of this.#worse) this.#conditions = { ...this.#conditions, ...worse }
    this.#expect(this.#conditions)
    for (const wire of this.#allWires()) if (!wire.hasOwnConditions) wire.conditions = this.#conditions
  }

  #expect(conditions: LinkConditions): void {
    for (const kind of ['loss', 'duplication', 'reordering'] as const) if (conditions[kind] > 0) this.sim.coverage.expect(`network.${kind}`)
  }

  #between(from: readonly string[], to: readonly string[]): Wire[] {
    return from.flatMap(a => to.filter(b => b !== a).map(b => this.wire(a, b)))
  }

  *#allWires(): Generator<Wire> {
    for (const wires of this.#wires.values()) yield* wires.values()
  }
}

function all(undo: readonly (() => void)[]): () => void {
  return () => {
    for (const one of undo) one()
  }
}

/** A payload on its way. */
class PayloadPacket implements Packet {
  readonly kind: PayloadKind
  readonly bytes: number
  readonly #network: SimulatedNetwork
  readonly #from: string
  readonly #to: string
  readonly #payload: unknown

  constructor(network: SimulatedNetwork, kind: PayloadKind, from: string, to: string, payload: unknown, bytes: number) {
    this.kind = kind
    this.bytes = bytes
    this.#network = network
    this.#from = from
    this.#to = to
    this.#payload = payload
  }

  copy(): Packet {
    return new PayloadPacket(this.#network, this.kind, this.#from, this.#to, cloneMessage(this.#payload), this.bytes)
  }

  arrive(): void {
    const network = this.#network
    const station = network.find(this.#to)
    if (network.handTo(station, () => station?.receive(this.kind, this.#from, this.#payload))) return
    network.sim.coverage.count('network.unreachable')
    network.sim.trace?.record(this.#to, 'unreachable', { from: this.#from, kind: this.kind })
  }
}
