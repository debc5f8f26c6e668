import {
  type FaultKind,
  type Range,
  type SeededRandom,
  type SimulatedNetwork,
  SimulatedNode,
  type SimulatedProcess,
  type Simulation,
} from '@disruptorx/testkit'
import { type ConfChangeSingle, LEAVE_JOINT, nodeOf, type RaftConfig, type Snapshot } from '../../src/index.ts'
import { Boundaries } from './boundaries.ts'
import { Census } from './census.ts'
import { DiskLosses, type LossyWorld, type Machine } from './disk-losses.ts'
import { type Habits, NO_HABITS, SLEEP_EVERY_MS, transitionsOf, USE_EVERY_MS } from './habits.ts'
import { Replica } from './replica.ts'
import { Safety } from './safety.ts'
import { StableStore } from './stable-store.ts'
import { type JournalShape, JournalStore } from './storage/journal-store.ts'
import { MemberDisk } from './storage/member-disk.ts'
import type { Storage, Store } from './storage/store.ts'

/** What a group is made of. */
export interface GroupOptions {
  /** Nodes that there are, from 1 on. */
  readonly nodes: number
  /** Those that are voters at the start. */
  readonly voters: number
  readonly config: Omit<RaftConfig, 'id' | 'random'>
  readonly tickMs: number
  readonly compactEvery: number
  /** Whether users ask for changes of the configuration. */
  readonly changes: boolean
  /** How often a user of each node asks for something. @default every 5 to 150 ms */
  readonly useEveryMs?: { readonly least: number; readonly most: number }
  /** What whoever drives a member does beside what must be. @default nothing */
  readonly habits?: Habits
  /** Members keep their logs in journals on simulated disks. @default in memory that survives them */
  readonly journals?: JournalShape
}

/** After this time a process is started again that ended because of its disk. */
const RESTARTS_MS = { least: 5, most: 300 }

/** A group on simulated nodes, and the users that each node has. */
export class GroupWorld implements LossyWorld {
  readonly nodes: SimulatedNode[] = []
  /** By member: the newest life, which may be over. */
  readonly replicas = new Map<number, Replica>()
  readonly safety: Safety
  readonly boundaries: Boundaries
  /** What happens to disks for good: only where there are disks. */
  readonly losses: DiskLosses | undefined
  /** Nodes with disks, by their order. */
  readonly machines: Machine[] = []
  /** What members keep, those that are lost included: nobody can have it back, and what they had acknowledged stays so. */
  readonly #stores = new Map<number, Store>()
  readonly #census: Census
  /** State machines that members keep beside their logs. */
  readonly #kept = new Map<number, Snapshot>()
  /** The member that each node is an incarnation of. */
  readonly #members = new Map<number, number>()
  readonly #sim: Simulation
  readonly #options: GroupOptions
  /** What users ask for. */
  users: 'everything' | 'entries' | 'nothing' = 'everything'
  #proposed = 0

  constructor(sim: Simulation, network: SimulatedNetwork, options: GroupOptions) {
    this.#sim = sim
    this.#options = options
    this.safety = new Safety(sim, this.#stores)
    this.boundaries = new Boundaries(sim, this.nodes)
    this.#census = new Census(sim, member => this.replicaOf(member) !== undefined)
    const voters = Array.from({ length: options.voters }, (_, i) => i + 1)
    const start: Snapshot = {
      index: 1,
      term: 1,
      confState: { voters, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
      data: new Uint8Array(0),
    }
    for (let id = 1; id <= options.nodes; id++) this.#addNode(id, network, id <= options.voters ? start : undefined)
    this.losses = options.journals && new DiskLosses(sim, this)
  }

  /** Of all nodes, by their order. */
  get names(): string[] {
    return this.nodes.map(({ name }) => name)
  }

  replicaOf(member: number): Replica | undefined {
    const replica = this.replicas.get(member)
    return replica?.isOver === false ? replica : undefined
  }

  /** The member that a node is an incarnation of. */
  memberOn(node: SimulatedNode): number {
    return this.#memberAt(this.nodes.indexOf(node) + 1)
  }

  /** The life that a node is in; `undefined` while it is down or opens its disk. */
  replicaOn(node: SimulatedNode): Replica | undefined {
    return this.replicaOf(this.memberOn(node))
  }

  replace(machine: Machine, member: number): void {
    const { journals } = this.#options
    if (journals === undefined) throw new Error('there is no disk to replace')
    this.replicas.delete(machine.member)
    machine.member = member
    machine.store = new JournalStore(undefined, journals, machine.disk)
    this.#members.set(nodeOf(member), member)
    this.#stores.set(member, machine.store)
  }

  #addNode(id: number, network: SimulatedNetwork, start: Snapshot | undefined): void {
    const { journals } = this.#options
    const disk = journals && new MemberDisk(this.#sim.randomFor('disk profile', id))
    const node = new SimulatedNode(this.#sim, {
      name: `n${id}`,
      network,
      ...(disk && { disk: disk.options }),
      start: process => this.#start(this.#memberAt(id), process, machine),
    })
    this.nodes.push(node)
    this.#members.set(id, id)
    const machine = journals && disk && { node, disk, member: id, store: new JournalStore(start, journals, disk) }
    if (machine !== undefined) this.machines.push(machine)
    this.#stores.set(id, machine?.store ?? new StableStore(start))
  }

  #memberAt(node: number): number {
    return this.#members.get(node) ?? node
  }

  /** A disk that takes long for a while. */
  slowDisks(lastsMs: Range, weight: number): FaultKind {
    return { name: 'slowDisk', weight, durationMs: lastsMs, begin: random => this.slowDown(random) }
  }

  /** Has the disk of some node take long, and returns what ends that: until then memory is slow at each write; a disk answers nothing for once. */
  slowDown(random: SeededRandom): () => void {
    const node = random.pick(this.nodes)
    const ms = random.between(50, 800)
    const store = this.#stores.get(this.memberOn(node))
    if (!(store instanceof StableStore)) {
      node.disk.stall(ms)
      return () => {}
    }
    store.slowerMs = ms
    return () => {
      store.slowerMs = 0
    }
  }

  /** The process ends to which a snapshot travels. */
  endReceivers(weight: number, downMs: Range): FaultKind {
    return {
      name: 'snapshotReceiver',
      weight,
      durationMs: downMs,
      begin: random => {
        const members = this.#census.receivers.filter(member => this.replicaOf(member) !== undefined)
        const node = members.length === 0 ? undefined : this.nodes[nodeOf(random.pick(members)) - 1]
        if (node?.state !== 'running') return undefined
        if (random.chance(0.5)) node.crash()
        else node.kill()
        return () => node.start()
      },
    }
  }

  /** Whether its members read by lease. */
  get hasLeases(): boolean {
    return this.#options.config.lease !== undefined
  }

  /** Who says of itself that it leads, with the newest term. */
  get leader(): Replica | undefined {
    const leaders = [...this.replicas.values()].filter(({ node, isOver }) => !isOver && node.status().role === 'leader')
    return leaders.reduce<Replica | undefined>(
      (a, b) => (a === undefined || b.node.status().term > a.node.status().term ? b : a),
      undefined,
    )
  }

  /** Whether all members have applied everything up to an index, under one leader, and nobody waits for a new disk. */
  hasAllApplied(index: number): boolean {
    const { leader } = this
    if (leader === undefined || this.losses?.isOver === false) return false
    const { voters, votersOutgoing, learners } = leader.node.status().configuration
    if (votersOutgoing.length > 0) return false
    return [...voters, ...learners].every(id => (this.replicaOf(id)?.digest.index ?? 0) >= index)
  }

  #start(member: number, process: SimulatedProcess, machine: Machine | undefined): void {
    const store = this.#stores.get(member)
    if (store === undefined) throw new Error(`there is no member ${member}`)
    store.open(process, {
      opened: storage => {
        this.losses?.opened(member)
        this.#live(member, process, storage)
      },
      failed: error => {
        this.#sim.facts.count('ends because of the disk')
        this.losses?.refused(member, error)
        process.exit()
        const delayMs = process.random.between(RESTARTS_MS.least, RESTARTS_MS.most)
        this.#sim.schedule(delayMs * 1e6, () => machine?.node.start())
      },
    })
  }

  #live(id: number, process: SimulatedProcess, storage: Storage): void {
    const { config, tickMs, compactEvery, habits = NO_HABITS, useEveryMs = USE_EVERY_MS } = this.#options
    const replica = new Replica({
      process,
      storage,
      safety: this.safety,
      census: this.#census,
      config: { ...config, id, random: process.random },
      tickMs,
      compactEvery,
      habits,
      kept: this.#kept,
      hasLoaded: (member, index) => (this.replicaOf(member)?.digest.index ?? 0) >= index,
      nameOf: member => `n${nodeOf(member)}`,
      endsAt: boundary => this.boundaries.ends(process.name, boundary),
      endsWithinSave: () => this.boundaries.endsWithinSave(process.name),
    })
    this.replicas.set(id, replica)
    const use = () => {
      const { least, most } = this.users === 'everything' ? useEveryMs : USE_EVERY_MS
      process.scheduler.schedule(process.random.between(least, most), use)
      this.#use(replica, process)
    }
    use()
    if (habits.sleeps) this.#sleep(replica, process)
    if (config.lease === undefined) return
    const read = () => {
      process.scheduler.schedule(process.random.between(2, 20), read)
      replica.readByLease(process.random.below(10))
    }
    read()
  }

  /** Whoever drives a member sends its group to sleep where it leads, and wakes it. */
  #sleep(replica: Replica, process: SimulatedProcess): void {
    const { least, most } = SLEEP_EVERY_MS
    process.scheduler.schedule(process.random.between(least, most), () => this.#sleep(replica, process))
    if (process.random.chance(0.2)) replica.ask(node => node.wake())
    else if (replica.ask(node => node.quiesce())) this.safety.sleeps(replica)
  }

  /** A user of a node asks for something. */
  #use(replica: Replica, { random }: SimulatedProcess): void {
    if (this.users === 'nothing') return
    if (this.#options.habits?.leavesByHand) this.#leave(replica)
    const what = random.below(this.users === 'everything' ? 43 : 20)
    if (what < 20) {
      const data = new TextEncoder().encode(`p${this.#proposed++}`)
      if (replica.ask(node => node.propose([data])).kind !== 'dropped') this.#sim.facts.count('proposals')
    } else if (what < 28) {
      const context = this.safety.asksRead()
      replica.ask(node => node.readIndex(context))
    } else if (what === 34) replica.ask(node => node.transferLeadership(this.#anyMember(random)))
    else if (what === 35) replica.ask(node => node.forgetLeader())
    else if (what === 36) replica.ask(node => node.reportUnreachable(this.#anyMember(random)))
    else if (what === 37) replica.ask(node => node.reportSnapshot(this.#anyMember(random), random.chance(0.5)))
    else if (this.#options.changes && this.#mayChange(replica)) {
      const changes = Array.from({ length: random.between(1, 2) }, (): ConfChangeSingle => {
        const type = random.pick(['add-node', 'add-node', 'add-node', 'remove-node', 'add-learner-node'] as const)
        return { type, nodeId: this.#anyMember(random) }
      })
      const transition = random.pick(transitionsOf(this.#options.habits))
      const outcome = replica.ask(node => node.proposeConfChange({ transition, changes, context: new Uint8Array(0) }))
      if (outcome.kind === 'appended') this.#sim.facts.count('changes')
    }
  }
  /** A joint configuration is left that is not left of itself. */
  #leave(replica: Replica): void {
    const { role, configuration } = replica.node.status()
    if (role !== 'leader' || configuration.votersOutgoing.length === 0 || configuration.autoLeave) return
    if (replica.ask(node => node.proposeConfChange(LEAVE_JOINT)).kind === 'appended') this.#sim.facts.count('left by hand')
  }

  /**
   * Whether a user may ask for a change of the configuration here. Where disks are lost, only of a leader, and not always: one that is on its way through the network
   * might come into force when nobody expects it, and need the very member that is lost.
   */
  #mayChange({ node }: Replica): boolean {
    return this.losses === undefined || (this.losses.allowsChanges && node.status().role === 'leader')
  }

  #anyMember(random: SeededRandom): number {
    return this.#memberAt(random.between(1, this.#options.nodes))
  }
}
