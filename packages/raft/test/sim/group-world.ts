import {
  type FaultKind,
  type Range,
  type SimulatedNetwork,
  SimulatedNode,
  type SimulatedProcess,
  type Simulation,
} from '@disruptorx/testkit'
import type { ConfChangeSingle, RaftConfig, Snapshot } from '../../src/index.ts'
import { Replica } from './replica.ts'
import { Safety } from './safety.ts'
import { StableStore } from './stable-store.ts'

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
}

/** A group on simulated nodes, and the users that each node has. */
export class GroupWorld {
  readonly nodes: SimulatedNode[] = []
  readonly replicas = new Map<number, Replica>()
  readonly safety: Safety
  readonly #stores = new Map<number, StableStore>()
  readonly #sim: Simulation
  readonly #options: GroupOptions
  /** Whether users ask for everything that there is, or for entries only. */
  isStormy = true
  #proposed = 0

  constructor(sim: Simulation, network: SimulatedNetwork, options: GroupOptions) {
    this.#sim = sim
    this.#options = options
    this.safety = new Safety(sim, this.#stores)
    const voters = Array.from({ length: options.voters }, (_, i) => i + 1)
    const start: Snapshot = {
      index: 1,
      term: 1,
      confState: { voters, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
      data: new Uint8Array(0),
    }
    for (let id = 1; id <= options.nodes; id++) {
      this.#stores.set(id, new StableStore(id <= options.voters ? start : undefined))
      this.nodes.push(new SimulatedNode(sim, { name: `n${id}`, network, start: process => this.#start(id, process) }))
    }
  }

  /** A disk that takes long for a while. */
  slowDisks(lastsMs: Range): FaultKind {
    return {
      name: 'slowDisk',
      weight: 4,
      durationMs: lastsMs,
      begin: random => {
        const store = random.pick([...this.#stores.values()])
        store.slowerMs = random.between(50, 800)
        return () => {
          store.slowerMs = 0
        }
      },
    }
  }

  /** Who says of itself that it leads, with the newest term. */
  get leader(): Replica | undefined {
    const leaders = [...this.replicas.values()].filter(({ node }) => node.status().role === 'leader')
    return leaders.reduce<Replica | undefined>(
      (a, b) => (a === undefined || b.node.status().term > a.node.status().term ? b : a),
      undefined,
    )
  }

  /** Whether all members have applied everything up to an index, under one leader. */
  hasAllApplied(index: number): boolean {
    const { leader } = this
    if (leader === undefined) return false
    const { voters, votersOutgoing, learners } = leader.node.status().configuration
    if (votersOutgoing.length > 0) return false
    return [...voters, ...learners].every(id => (this.replicas.get(id)?.digest.index ?? 0) >= index)
  }

  #start(id: number, process: SimulatedProcess): void {
    const store = this.#stores.get(id)
    if (store === undefined) throw new Error(`there is no node ${id}`)
    const { config, tickMs, compactEvery } = this.#options
    const replica = new Replica({
      process,
      store,
      safety: this.safety,
      config: { ...config, id, random: process.random },
      tickMs,
      compactEvery,
      nameOf: member => `n${member}`,
    })
    this.replicas.set(id, replica)
    const use = () => {
      process.scheduler.schedule(process.random.between(5, 150), use)
      this.#use(replica, process)
    }
    use()
    if (config.lease === undefined) return
    const read = () => {
      process.scheduler.schedule(process.random.between(2, 20), read)
      replica.readByLease(process.random.below(10))
    }
    read()
  }

  /** A user of a node asks for something. */
  #use(replica: Replica, { random }: SimulatedProcess): void {
    const what = random.below(this.isStormy ? 43 : 20)
    if (what < 20) {
      const data = new TextEncoder().encode(`p${this.#proposed++}`)
      if (replica.ask(node => node.propose([data])).kind !== 'dropped') this.#sim.facts.count('proposals')
    } else if (what < 28) {
      const context = this.safety.asksRead()
      replica.ask(node => node.readIndex(context))
    } else if (what === 34) replica.ask(node => node.transferLeadership(random.between(1, this.#options.nodes)))
    else if (what === 35) replica.ask(node => node.forgetLeader())
    else if (what === 36) replica.ask(node => node.reportUnreachable(random.between(1, this.#options.nodes)))
    else if (what === 37) replica.ask(node => node.reportSnapshot(random.between(1, this.#options.nodes), random.chance(0.5)))
    else if (this.#options.changes) {
      const changes = Array.from({ length: random.between(1, 2) }, (): ConfChangeSingle => {
        const type = random.pick(['add-node', 'add-node', 'add-node', 'remove-node', 'add-learner-node'] as const)
        return { type, nodeId: random.between(1, this.#options.nodes) }
      })
      const transition = random.pick(['auto', 'joint-implicit'] as const)
      const outcome = replica.ask(node => node.proposeConfChange({ transition, changes, context: new Uint8Array(0) }))
      if (outcome.kind === 'appended') this.#sim.facts.count('changes')
    }
  }
}
