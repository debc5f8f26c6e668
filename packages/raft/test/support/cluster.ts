import type { ConfChangeSingle, ConfState, Entry, PeerMessage, RaftConfig, Role, Snapshot } from '@disruptorx/raft'
import { bytes, TestMember } from './member.ts'

/** How a cluster is made. */
export interface ClusterOptions {
  readonly voters?: readonly number[]
  readonly learners?: readonly number[]
  /** Of every member. */
  readonly config?: Partial<RaftConfig>
  /** What a member's log holds at the start besides the first entry: its terms, from index 2 on. */
  readonly logs?: Readonly<Record<number, readonly number[]>>
  /** Term of the members at the start. */
  readonly term?: number
}

/** Plain lists of members. */
export function confState(voters: readonly number[], learners: readonly number[] = []): ConfState {
  return { voters, learners, votersOutgoing: [], learnersNext: [], autoLeave: false }
}

/** A snapshot at index 1 with nothing in it but who takes part. */
export function startOf(state: ConfState): Snapshot {
  return { index: 1, term: 1, confState: state, data: new Uint8Array(0) }
}

/** Members, and messages that arrive when the test says so and nowhere that it has cut. */
export class Cluster {
  readonly members = new Map<number, TestMember>()
  readonly options: ClusterOptions
  /** Messages on their way. */
  network: PeerMessage[] = []
  /** Messages that this says true of are lost. */
  lose: (message: PeerMessage) => boolean = () => false
  readonly #cut = new Set<string>()
  readonly #down = new Set<number>()

  constructor(options: ClusterOptions = {}) {
    this.options = options
    const state = confState(options.voters ?? [1, 2, 3], options.learners ?? [])
    for (const id of [...state.voters, ...state.learners]) this.add(id, startOf(state))
  }

  /** A new member, whose log starts as the others' did. */
  add(id: number, start = startOf(confState(this.options.voters ?? [1, 2, 3], this.options.learners ?? []))): TestMember {
    const member = new TestMember({ id, random: { u32: () => (id * 7) % 100 }, ...this.options.config }, start)
    const terms = this.options.logs?.[id] ?? []
    const { term } = this.options
    member.log.append(
      terms.map((entryTerm, i): Entry => ({ index: i + 2, term: entryTerm, type: 'normal', data: bytes(`t${entryTerm}i${i + 2}`) })),
    )
    if (term !== undefined || terms.length > 0) {
      member.log.setHardState({ term: term ?? terms.at(-1) ?? 1, vote: 0, commit: 1 })
      member.restart()
    }
    this.members.set(id, member)
    return member
  }

  member(id: number): TestMember {
    const member = this.members.get(id)
    if (member === undefined) throw new Error(`there is no member ${id}`)
    return member
  }

  /** All members do what they have to; their messages are on their way after that. */
  work(): void {
    for (const [id, member] of this.members) if (!this.#down.has(id)) this.network.push(...member.work())
  }

  /** Messages arrive, and are answered, until nothing is left to say. */
  settle(): void {
    this.work()
    for (let round = 0; this.network.length > 0; round++) {
      if (round > 1_000) throw new Error('the members never stop talking')
      const arriving = this.network
      this.network = []
      for (const message of arriving) this.deliver(message)
      this.work()
    }
  }

  /** A message arrives, unless it is lost. */
  deliver(message: PeerMessage): void {
    const isLost = this.#down.has(message.to) || this.#cut.has(`${message.from}>${message.to}`) || this.lose(message)
    if (!isLost) this.members.get(message.to)?.node.step(message)
  }

  /** Takes messages off the network that this says true of. */
  take(wanted: (message: PeerMessage) => boolean): PeerMessage[] {
    const taken = this.network.filter(wanted)
    this.network = this.network.filter(message => !wanted(message))
    return taken
  }

  /** Nothing passes between members of different groups any more. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.#cut.clear()
    const groupOf = (id: number) => groups.findIndex(group => group.includes(id))
    for (const from of this.members.keys())
      for (const to of this.members.keys()) if (groupOf(from) !== groupOf(to)) this.#cut.add(`${from}>${to}`)
  }

  heal(): void {
    this.#cut.clear()
    this.lose = () => false
  }

  /** Loses what a member has not saved. It is silent until {@link start}. */
  stop(id: number): void {
    this.#down.add(id)
  }

  start(id: number, changes: Partial<RaftConfig> = {}): void {
    this.#down.delete(id)
    this.member(id).restart(changes)
  }

  /** Lets so many ticks pass for a member, with all that follows after each. */
  tick(id: number, count = 1): void {
    for (let i = 0; i < count; i++) {
      this.member(id).node.tick()
      this.settle()
    }
  }

  /** Lets so many ticks pass for everybody who runs. */
  tickAll(count = 1): void {
    for (let i = 0; i < count; i++) {
      for (const [id, { node }] of this.members) if (!this.#down.has(id)) node.tick()
      this.settle()
    }
  }

  /** Makes a member leader, if the others let it. */
  elect(id: number): TestMember {
    const member = this.member(id)
    member.node.campaign()
    this.settle()
    return member
  }

  propose(id: number, ...data: string[]): void {
    for (const text of data) this.member(id).node.propose([bytes(text)])
    this.settle()
  }

  change(id: number, changes: readonly ConfChangeSingle[], transition: 'auto' | 'joint-implicit' | 'joint-explicit' = 'auto'): void {
    this.member(id).node.proposeConfChange({ transition, changes, context: new Uint8Array(0) })
    this.settle()
  }

  role(id: number): Role {
    return this.member(id).node.status().role
  }

  /** Who leads, of those that run. */
  leaders(): number[] {
    return [...this.members.keys()].filter(id => !this.#down.has(id) && this.role(id) === 'leader')
  }

  /** Terms of a member's log from index 2 on. */
  terms(id: number): number[] {
    const { log } = this.member(id)
    return Array.from({ length: log.lastIndex - 1 }, (_, i) => log.term(i + 2) ?? -1)
  }
}
