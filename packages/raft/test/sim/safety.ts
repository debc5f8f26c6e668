import type { Simulation } from '@disruptorx/testkit'
import type { ConfState, EntryId, LeaseRead, MemoryLog, PeerMessage, RawNode, ReadState, Ready } from '../../src/index.ts'
import { disjointQuorums, isQuorum } from './quorums.ts'

/** What is looked at of a life of a member. */
export interface Observed {
  readonly id: number
  readonly life: number
  readonly node: Pick<RawNode, 'status' | 'durableOnAll'>
  /** The log as this life has it, saved or not. */
  readonly log: Pick<MemoryLog, 'firstIndex' | 'lastIndex' | 'term' | 'entries'>
  /** The configuration that its state machine has reached. */
  readonly confState: ConfState
  readonly digest: { readonly index: number; readonly digest: string }
}

/** What is looked at of a member's disk. */
export interface ObservedDisk {
  readonly durable: Pick<MemoryLog, 'firstIndex' | 'term' | 'initialState'>
}

/** Hears of what clients wait for. */
export interface Watcher {
  /** A member has applied more. */
  applied(member: Observed): void
  /** A read that was asked for by this number may look at the state machine once it has applied `index`. */
  readable(read: number, index: number): void
}

/** What is known of an entry, whoever has it. */
interface Known {
  readonly data: string
  readonly previousTerm: number | undefined
}

/**
 * What must be true of a group whatever happens to it, looked after at each thing that a replica does. Throws at the first thing that is not.
 *
 * It sees everything at once, which nobody in the group can: what each disk holds, and what any leader ever committed.
 */
export class Safety {
  /** The highest index that any leader has committed. */
  committed = 1
  readonly #sim: Simulation
  readonly #stores: ReadonlyMap<number, ObservedDisk>
  /** Who led a term: the member and its life. */
  readonly #leaders = new Map<number, string>()
  readonly #entries = new Map<string, Known>()
  /** How far leaders of a term have committed. */
  readonly #committedIn = new Map<number, number>()
  /** Terms of committed entries, by index. */
  readonly #terms = new Map<number, number>()
  readonly #digests = new Map<number, string>()
  readonly #configurations = new Map<number, string>()
  /** Whom a member voted for in a term. */
  readonly #votes = new Map<string, number>()
  /** The highest term in which a member has promised something. */
  readonly #promised = new Map<number, number>()
  readonly #commits = new Map<Observed, number>()
  /** What had been committed when a read was asked for, by its number. */
  readonly #reads = new Map<number, number>()
  #nextRead = 1
  /** How far leaders believe that members have their logs, as it was last looked at. */
  readonly #matches = new WeakMap<Observed, Map<number, number>>()
  /** How far leaders say that all voters have their logs, as it was last looked at. */
  readonly #onAll = new WeakMap<Observed, number>()
  #watchers: Watcher[] = []

  constructor(sim: Simulation, stores: ReadonlyMap<number, ObservedDisk>) {
    this.#sim = sim
    this.#stores = stores
  }

  /** Has somebody told of what clients wait for. */
  watch(watcher: Watcher): void {
    this.#watchers.push(watcher)
  }

  /** A life begins, from what its disk holds. */
  begins(replica: Observed): void {
    const { term, committed } = replica.node.status()
    if (term < (this.#promised.get(replica.id) ?? 0)) throw new Error(`member ${replica.id} forgot term ${this.#promised.get(replica.id)}`)
    this.#commits.set(replica, committed)
  }

  /** After anything that a member did. */
  observe(replica: Observed): void {
    const status = replica.node.status()
    const { role, term, committed, configuration } = status
    const before = this.#commits.get(replica) ?? 0
    if (committed < before) throw new Error(`the commit index of member ${replica.id} went back from ${before} to ${committed}`)
    this.#commits.set(replica, committed)
    if (JSON.stringify(configuration) !== JSON.stringify(replica.confState))
      throw new Error(`member ${replica.id} works with another configuration than its state machine has`)
    if (role === 'candidate' || role === 'pre-candidate') this.#mustKnowItsConfiguration(replica, committed)
    if (role !== 'leader') return
    const name = `${replica.id} in its life ${replica.life}`
    const leader = this.#leaders.get(term)
    if (leader !== undefined && leader !== name) throw new Error(`term ${term} was led by member ${leader}, and is led by member ${name}`)
    this.#vote(replica.id, term, replica.id)
    if (leader === undefined) this.#mustBeElected(replica, term, configuration)
    this.#leaders.set(term, name)
    this.#mustBelieveTheTruth(replica, status)
    this.#mustBeOnAll(replica, status)
    if (committed <= this.committed) return
    this.#mustBeDurable(committed, replica, configuration)
    this.committed = committed
    this.#committedIn.set(term, committed)
  }

  /** Work is handed out: entries to be saved, and what is committed. */
  handsOut(replica: Observed, { entries, softState }: Ready): void {
    let previousTerm: number | undefined
    for (const { index, term, type, data } of entries) {
      previousTerm ??= replica.log.term(index - 1)
      this.#know(`${term}/${index}`, { data: `${type} ${data.join()}`, previousTerm })
      previousTerm = term
    }
    if (softState?.role === 'leader') this.#mustBeComplete(replica, entries[0]?.index ?? Number.POSITIVE_INFINITY)
  }

  sends(replica: Observed, message: PeerMessage): void {
    if (message.type === 'MsgVoteResp' && !message.reject) this.#vote(replica.id, message.term, message.to)
    const promises = message.type === 'MsgVoteResp' || (message.type === 'MsgAppResp' && !message.reject)
    if (promises) this.#promised.set(replica.id, Math.max(message.term, this.#promised.get(replica.id) ?? 0))
  }

  /** A member was asked whether it would vote: that changes nothing at it. */
  heardPreVote({ id, node }: Observed, termBefore: number, voteBefore: number): void {
    const { term, vote } = node.status()
    if (term !== termBefore || vote !== voteBefore) throw new Error(`a pre-vote took member ${id} from term ${termBefore} to ${term}`)
  }

  /** A member sleeps: where it leads there is nothing to do, at nobody. */
  sleeps(replica: Observed): void {
    const { role, term, members } = replica.node.status()
    if (role !== 'leader') return
    const { lastIndex } = replica.log
    const { index } = replica.digest
    if (index < lastIndex) throw new Error(`leader ${replica.id} sleeps, and has applied ${index} of ${lastIndex} entries`)
    for (const { id } of members)
      if (!this.#has(id, lastIndex, replica, term))
        throw new Error(`leader ${replica.id} sleeps, and the disk of member ${id} does not hold entry ${lastIndex}`)
    this.#sim.facts.count('sleeps')
  }

  /** An entry, or all up to a snapshot, is applied. */
  applied(replica: Observed, index: number, term: number): void {
    const known = this.#terms.get(index)
    if (known !== undefined && known !== term) throw new Error(`entry ${index} was applied of term ${known} and of term ${term}`)
    this.#terms.set(index, term)
    const { digest } = replica.digest
    if ((this.#digests.get(index) ?? digest) !== digest)
      throw new Error(`member ${replica.id} has another state at entry ${index} than another one`)
    this.#digests.set(index, digest)
    const configuration = JSON.stringify(replica.confState)
    if ((this.#configurations.get(index) ?? configuration) !== configuration)
      throw new Error(`member ${replica.id} has another configuration at entry ${index} than another one`)
    this.#mustOverlap(index, configuration)
    this.#configurations.set(index, configuration)
    for (const watcher of this.#watchers) watcher.applied(replica)
  }

  /** A read is asked for: its number. */
  asksRead(): number {
    this.#reads.set(this.#nextRead, this.committed)
    return this.#nextRead++
  }

  answersRead(replica: Observed, { context, index }: ReadState): void {
    const least = this.#reads.get(context)
    if (least === undefined) throw new Error(`member ${replica.id} answers read ${context}, which nobody asked for`)
    if (index < least) throw new Error(`member ${replica.id} answers a read at ${index}, and ${least} was committed before it was asked`)
    this.#sim.facts.count('reads')
    for (const watcher of this.#watchers) watcher.readable(context, index)
  }

  /** A read by lease begins. What is returned is called when the lease is said to have covered it. */
  leaseRead(replica: Observed, { index }: LeaseRead): () => void {
    const least = this.committed
    return () => {
      if (index < least) throw new Error(`member ${replica.id} read by lease at ${index}, and ${least} was committed before`)
      this.#sim.facts.count('lease reads')
    }
  }

  /** Log matching: one entry has one content, and one entry before it. */
  #know(name: string, { data, previousTerm }: Known): void {
    const known = this.#entries.get(name)
    if (known === undefined) {
      this.#entries.set(name, { data, previousTerm })
      return
    }
    if (known.data !== data) throw new Error(`entry ${name} has two contents`)
    if (known.previousTerm !== undefined && previousTerm !== undefined && known.previousTerm !== previousTerm)
      throw new Error(`entry ${name} follows an entry of term ${known.previousTerm} and one of term ${previousTerm}`)
  }

  /**
   * Leader completeness: who leads has everything that was committed in earlier terms. What was committed in later ones it need not have: it may learn late that it
   * was elected, long after others went on.
   */
  #mustBeComplete({ id, log, node }: Observed, own: number): void {
    const { term: ownTerm } = node.status()
    const committed = Math.max(1, ...[...this.#committedIn].filter(([term]) => term < ownTerm).map(([, index]) => index))
    for (let index = Math.max(log.firstIndex, 2); index <= committed && index < own; index++) {
      const term = this.#terms.get(index)
      if (term !== undefined && log.term(index) !== term)
        throw new Error(`leader ${id} does not have entry ${index} of term ${term}, which was committed`)
    }
    if (log.lastIndex < Math.min(committed, own - 1))
      throw new Error(`leader ${id} has entries up to ${log.lastIndex}, and ${committed} was committed`)
  }

  /** What a leader calls committed is on the disks of quorums. */
  #mustBeDurable(index: number, { id, log, node }: Observed, configuration: ConfState): void {
    const term = log.term(index) ?? node.status().term
    const has = (member: number) => {
      const durable = this.#stores.get(member)?.durable
      return durable !== undefined && (durable.firstIndex > index || durable.term(index) === term)
    }
    if (!isQuorum(configuration, has))
      throw new Error(`leader ${id} committed entry ${index} of term ${term}, which is not on the disks of a quorum`)
    this.#terms.set(index, term)
  }

  /** Who leads was voted for by quorums of the configuration in which it stood, and its own vote can be forgotten no more. */
  #mustBeElected({ id }: Observed, term: number, configuration: ConfState): void {
    this.#sim.facts.count('leaders')
    if (!isQuorum(configuration, member => this.#votes.get(`${member}/${term}`) === id))
      throw new Error(`member ${id} leads term ${term}, and no quorum of its configuration has voted for it`)
    const saved = this.#stores.get(id)?.durable.initialState().hardState
    if (saved === undefined || saved.term < term || (saved.term === term && saved.vote !== id))
      throw new Error(`member ${id} leads term ${term}, and its own vote is not on its disk`)
  }

  /**
   * Who wants to lead has applied each change of the configuration of which it knows that it is committed, and all but one of those in its log: else it may stand
   * in a configuration from long ago. What its disk has may be out of date while a write is under way.
   */
  #mustKnowItsConfiguration({ id, log, digest }: Observed, committed: number): void {
    const from = Math.max(digest.index + 1, log.firstIndex)
    if (from > log.lastIndex) return
    const isCommitted = ({ index, term }: EntryId) => index <= committed && this.#terms.get(index) === term
    const changes = log.entries(from, log.lastIndex + 1, Number.POSITIVE_INFINITY).filter(({ type }) => type === 'conf-change')
    const change = changes.find(isCommitted)
    if (change !== undefined)
      throw new Error(`member ${id} wants to lead, and has not applied entry ${change.index}, a committed change of the configuration`)
    if (changes.length > 1)
      throw new Error(`member ${id} wants to lead, and has not applied ${changes.length} changes of the configuration that are in its log`)
  }

  /** What a leader takes for acknowledged is on the disk of who is said to have acknowledged it, unless that one follows somebody newer by now. */
  #mustBelieveTheTruth(replica: Observed, { term, members }: ReturnType<RawNode['status']>): void {
    const seen = this.#matches.get(replica) ?? new Map<number, number>()
    this.#matches.set(replica, seen)
    for (const { id, match } of members) {
      if (seen.get(id) === match) continue
      seen.set(id, match)
      if (!this.#has(id, match, replica, term))
        throw new Error(`leader ${replica.id} takes entry ${match} for acknowledged by member ${id}, whose disk does not hold it`)
    }
  }

  /** What is said to be on the disks of all voters is there. */
  #mustBeOnAll(replica: Observed, { term, configuration }: ReturnType<RawNode['status']>): void {
    const index = replica.node.durableOnAll()
    if (this.#onAll.get(replica) === index) return
    this.#onAll.set(replica, index)
    for (const id of [...configuration.voters, ...configuration.votersOutgoing]) {
      if (!this.#has(id, index, replica, term))
        throw new Error(`leader ${replica.id} says that all voters have entry ${index}, and the disk of member ${id} does not hold it`)
    }
  }

  /** Whether an entry of a leader is on a member's disk, unless that one follows somebody newer by now, or nobody can tell. */
  #has(id: number, index: number, leader: Observed, term: number): boolean {
    const durable = this.#stores.get(id)?.durable
    const own = leader.log.term(index)
    if (durable === undefined || own === undefined || (durable.initialState().hardState?.term ?? 0) > term) return true
    return durable.firstIndex > index || durable.term(index) === own
  }

  /** A change of the configuration: any quorum before has a member in common with any one after it. */
  #mustOverlap(index: number, configuration: string): void {
    const before = this.#configurations.get(index - 1)
    if (before === undefined || before === configuration || this.#configurations.has(index)) return
    const apart = disjointQuorums(JSON.parse(before) as ConfState, JSON.parse(configuration) as ConfState)
    if (apart !== undefined)
      throw new Error(`at entry ${index}, ${apart[0]} are a quorum of the configuration before, and ${apart[1]} of the new one`)
  }

  #vote(member: number, term: number, candidate: number): void {
    const name = `${member}/${term}`
    const before = this.#votes.get(name) ?? candidate
    if (before !== candidate) throw new Error(`member ${member} voted in term ${term} for ${before} and for ${candidate}`)
    this.#votes.set(name, candidate)
  }
}
