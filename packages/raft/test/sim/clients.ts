import type { SeededRandom, SimulatedNode, Simulation } from '@disruptorx/testkit'
import {
  checkLinearizable,
  HistoryRecorder,
  type KeyValueInput,
  keyValueModel,
  type PendingOperation,
  type RegisterOutput,
} from '@disruptorx/testkit/linearizability'
import type { GroupWorld } from './group-world.ts'
import type { Replica } from './replica.ts'
import type { Observed } from './safety.ts'
import { encodeCommand } from './state-machine.ts'

/** So long at most a client waits for a node. */
const TIMEOUT_MS = { least: 50, most: 800 }
/** How often a client gives up a write that was not answered, and nobody ever knows what came of it. Else it asks another node for the same. */
const GIVES_UP = 0.1
const THINKS_MS = { least: 1, most: 60 }
const KEYS = ['a', 'b', 'c']
/** Steps of a search that a run may cost. A right history takes about one for each operation. */
const MAX_STEPS = 2_000_000

/** What a client waits for. */
interface Waiting {
  readonly node: SimulatedNode
  readonly life: number
  readonly operation: PendingOperation<RegisterOutput>
  readonly key: string
  /** The client's own number of the operation. */
  readonly number: number
  /** The same, of a write. */
  readonly write: number | undefined
  /** The number under which a read was asked for. */
  readonly read: number | undefined
  /** Where the state machine must be for a read. */
  index: number
}

/**
 * Clients of a group, each with one operation under way: they write to and read from a small map through any node, by rounds and by leases. What takes long they
 * ask another node for, or give up. What they saw must be explained by one map.
 */
export class Clients {
  readonly #sim: Simulation
  readonly #world: GroupWorld
  readonly #random: SeededRandom
  readonly #history = new HistoryRecorder<KeyValueInput, RegisterOutput>()
  readonly #waiting = new Map<string, Waiting>()
  #isOpen = true

  constructor(sim: Simulation, world: GroupWorld, count: number) {
    this.#sim = sim
    this.#world = world
    this.#random = sim.randomFor('clients')
    world.safety.watch({ applied: member => this.#applied(member), readable: (read, index) => this.#readable(read, index) })
    for (let i = 1; i <= count; i++) this.#think(`c${i}`, 1)
  }

  /** No more is asked for. What is under way stays unknown. @throws what the clients saw cannot be explained */
  check(): void {
    this.#isOpen = false
    const { operations } = this.#history
    this.#sim.facts.count('operations of clients', operations.length)
    const result = checkLinearizable(keyValueModel, operations, { maxSteps: MAX_STEPS })
    if (result.outcome === 'violated') throw new Error(`clients saw what no map can do\n${result.violation.picture}`)
    this.#sim.facts.count(result.outcome === 'linearizable' ? 'histories that are linearizable' : 'histories too long to decide')
  }

  #think(client: string, number: number): void {
    const { least, most } = THINKS_MS
    this.#sim.schedule((least + (most - least) * this.#random.float()) * 1e6, () => {
      if (this.#isOpen) this.#ask(client, number)
    })
  }

  /** A client asks a node for something; whatever comes of it, the next thing has the next number. */
  #ask(client: string, number: number): void {
    const node = this.#random.pick(this.#world.nodes)
    const replica = node.state === 'running' ? this.#replicaOn(node) : undefined
    if (replica === undefined) {
      this.#think(client, number)
      return
    }
    const key = this.#random.pick(KEYS)
    if (this.#random.chance(0.4)) this.#write(client, number, key, node, replica)
    else if (this.#random.chance(0.5)) this.#readByRound(client, number, key, node, replica)
    else this.#readByLease(client, number, key, node, replica)
  }

  /** From now on a client waits; not for ever. */
  #wait(client: string, number: number, waits: Waiting): void {
    this.#waiting.set(client, waits)
    const { least, most } = TIMEOUT_MS
    this.#sim.schedule((least + (most - least) * this.#random.float()) * 1e6, () => {
      if (this.#waiting.get(client) !== waits) return
      this.#sim.facts.count('operations that timed out')
      if (waits.write !== undefined && !this.#random.chance(GIVES_UP)) {
        this.#repeat(client, waits)
        return
      }
      // Of a read that nobody saw there is nothing to say.
      if (waits.write === undefined) waits.operation.refused()
      this.#goOn(client, number)
    })
  }

  /** A write is asked for once more: it may have been carried out, or be under way. */
  #repeat(client: string, waits: Waiting): void {
    const { key, number } = waits
    const node = this.#random.pick(this.#world.nodes)
    this.#wait(client, number, { ...waits, node, life: node.lives })
    if (node.state !== 'running') return
    this.#world.replicaOn(node)?.ask(raft => raft.propose([commandOf(client, number, key)]))
    this.#sim.facts.count('writes repeated')
  }

  #goOn(client: string, number: number): void {
    this.#waiting.delete(client)
    this.#think(client, number + 1)
  }

  #write(client: string, number: number, key: string, node: SimulatedNode, replica: Replica): void {
    const operation = this.#history.call(client, { kind: 'write', key, value: textOf(client, number) })
    this.#wait(client, number, { node, life: node.lives, operation, key, number, write: number, read: undefined, index: 0 })
    const outcome = replica.ask(raft => raft.propose([commandOf(client, number, key)]))
    if (outcome.kind === 'dropped') this.#refused(client, number, operation)
  }

  #readByRound(client: string, number: number, key: string, node: SimulatedNode, replica: Replica): void {
    const operation = this.#history.call(client, { kind: 'read', key })
    const read = this.#world.safety.asksRead()
    this.#wait(client, number, { node, life: node.lives, operation, key, number, write: undefined, read, index: Number.POSITIVE_INFINITY })
    if (replica.ask(raft => raft.readIndex(read)) !== 'accepted') this.#refused(client, number, operation)
  }

  /** The state machine may be looked at once it has applied what was committed; the lease must hold until after that. */
  #readByLease(client: string, number: number, key: string, node: SimulatedNode, replica: Replica): void {
    const lease = replica.node.leaseRead(replica.nowMs())
    if (lease === undefined) {
      this.#goOn(client, number)
      return
    }
    const operation = this.#history.call(client, { kind: 'read', key })
    const { lives } = node
    const look = () => {
      if (node.lives !== lives || node.state === 'down') {
        this.#refused(client, number, operation)
        return
      }
      if (replica.machine.index < lease.index || node.state === 'paused') {
        this.#sim.schedule(1e6, look)
        return
      }
      const value = replica.machine.valueOf(key)
      if (!replica.node.leaseCovers(lease, replica.nowMs())) operation.refused()
      else {
        operation.returned(value)
        this.#sim.facts.count('reads of clients by lease')
      }
      this.#goOn(client, number)
    }
    this.#sim.schedule(this.#random.below(5) * 1e6, look)
  }

  /** A member has come further: what waits there may be done. */
  #applied(member: Observed): void {
    for (const [client, waits] of this.#waiting) {
      const replica = this.#replicaOn(waits.node)
      if (replica === member) this.#finish(client, waits, replica)
    }
  }

  #readable(read: number, index: number): void {
    for (const [client, waits] of this.#waiting) {
      if (waits.read !== read) continue
      waits.index = index
      const replica = this.#replicaOn(waits.node)
      if (replica !== undefined) this.#finish(client, waits, replica)
    }
  }

  #finish(client: string, { node, life, operation, key, number, write, index }: Waiting, { machine }: Replica): void {
    if (node.lives !== life) return
    if (write === undefined ? machine.index < index : machine.newestOf(client) < write) return
    operation.returned(write === undefined ? machine.valueOf(key) : undefined)
    this.#sim.facts.count(write === undefined ? 'reads of clients' : 'writes of clients')
    this.#goOn(client, number)
  }

  #refused(client: string, number: number, operation: PendingOperation<RegisterOutput>): void {
    operation.refused()
    this.#goOn(client, number)
  }

  #replicaOn(node: SimulatedNode): Replica | undefined {
    return this.#world.replicaOn(node)
  }
}

function commandOf(client: string, number: number, key: string): Uint8Array {
  return encodeCommand({ session: client, number, key, value: textOf(client, number) })
}

/** What a client writes, which nobody else does. */
function textOf(client: string, number: number): string {
  return `${client}.${number}`
}
