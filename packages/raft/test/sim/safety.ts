import type { Simulation } from '@disruptorx/testkit'
import { type ConfState, type LeaseRead, type PeerMessage, type ReadState, type Ready, restoreConfiguration } from '../../src/index.ts'
import type { Replica } from './replica.ts'
import type { StableStore } from './stable-store.ts'

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
  readonly #stores: ReadonlyMap<number, StableStore>
  /** Who led a term: the member and its life. */
  readonly #leaders = new Map<number, string>()
  readonly #entries = new Map<string, Known>()
  /** Terms of committed entries, by index. */
  readonly #terms = new Map<number, number>()
  readonly #digests = new Map<number, string>()
  readonly #configurations = new Map<number, string>()
  /** Whom a member voted for in a term. */
  readonly #votes = new Map<string, number>()
  /** The highest term in which a member has promised something. */
  readonly #promised = new Map<number, number>()
  readonly #commits = new Map<Replica, number>()
  /** What had been committed when a read was asked for, by its number. */
  readonly #reads = new Map<number, number>()
  #nextRead = 1

  constructor(sim: Simulation, stores: ReadonlyMap<number, StableStore>) {
    this.#sim = sim
    this.#stores = stores
  }

  /** A life begins, from what its disk holds. */
  begins(replica: Replica): void {
    const { term, committed } = replica.node.status()
    if (term < (this.#promised.get(replica.id) ?? 0)) throw new Error(`member ${replica.id} forgot term ${this.#promised.get(replica.id)}`)
    this.#commits.set(replica, committed)
  }

  /** After anything that a member did. */
  observe(replica: Replica): void {
    const { role, term, committed, configuration } = replica.node.status()
    const before = this.#commits.get(replica) ?? 0
    if (committed < before) throw new Error(`the commit index of member ${replica.id} went back from ${before} to ${committed}`)
    this.#commits.set(replica, committed)
    if (JSON.stringify(configuration) !== JSON.stringify(replica.confState))
      throw new Error(`member ${replica.id} works with another configuration than its state machine has`)
    if (role !== 'leader') return
    const name = `${replica.id} in its life ${replica.life}`
    const leader = this.#leaders.get(term)
    if (leader !== undefined && leader !== name) throw new Error(`term ${term} was led by member ${leader}, and is led by member ${name}`)
    if (leader === undefined) this.#sim.facts.count('leaders')
    this.#leaders.set(term, name)
    this.#vote(replica.id, term, replica.id)
    if (committed <= this.committed) return
    this.#mustBeDurable(committed, replica, configuration)
    this.committed = committed
  }

  /** Work is handed out: entries to be saved, and what is committed. */
  handsOut(replica: Replica, { entries, softState }: Ready): void {
    let previousTerm: number | undefined
    for (const { index, term, type, data } of entries) {
      previousTerm ??= replica.log.term(index - 1)
      this.#know(`${term}/${index}`, { data: `${type} ${data.join()}`, previousTerm })
      previousTerm = term
    }
    if (softState?.role === 'leader') this.#mustBeComplete(replica, entries[0]?.index ?? Number.POSITIVE_INFINITY)
  }

  sends(replica: Replica, message: PeerMessage): void {
    if (message.type === 'MsgVoteResp' && !message.reject) this.#vote(replica.id, message.term, message.to)
    const promises = message.type === 'MsgVoteResp' || (message.type === 'MsgAppResp' && !message.reject)
    if (promises) this.#promised.set(replica.id, Math.max(message.term, this.#promised.get(replica.id) ?? 0))
  }

  /** A member was asked whether it would vote: that changes nothing at it. */
  heardPreVote({ id, node }: Replica, termBefore: number, voteBefore: number): void {
    const { term, vote } = node.status()
    if (term !== termBefore || vote !== voteBefore) throw new Error(`a pre-vote took member ${id} from term ${termBefore} to ${term}`)
  }

  /** An entry, or all up to a snapshot, is applied. */
  applied(replica: Replica, index: number, term: number): void {
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
    this.#configurations.set(index, configuration)
  }

  /** A read is asked for: its number. */
  asksRead(): number {
    this.#reads.set(this.#nextRead, this.committed)
    return this.#nextRead++
  }

  answersRead(replica: Replica, { context, index }: ReadState): void {
    const least = this.#reads.get(context)
    if (least === undefined) throw new Error(`member ${replica.id} answers read ${context}, which nobody asked for`)
    if (index < least) throw new Error(`member ${replica.id} answers a read at ${index}, and ${least} was committed before it was asked`)
    this.#sim.facts.count('reads')
  }

  /** A read by lease begins. What is returned is called when the lease is said to have covered it. */
  leaseRead(replica: Replica, { index }: LeaseRead): () => void {
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

  /** Leader completeness: who leads has everything that was ever committed. */
  #mustBeComplete({ id, log }: Replica, own: number): void {
    for (let index = Math.max(log.firstIndex, 2); index <= this.committed && index < own; index++) {
      const term = this.#terms.get(index)
      if (term !== undefined && log.term(index) !== term)
        throw new Error(`leader ${id} does not have entry ${index} of term ${term}, which was committed`)
    }
    if (log.lastIndex < Math.min(this.committed, own - 1))
      throw new Error(`leader ${id} has entries up to ${log.lastIndex}, and ${this.committed} was committed`)
  }

  /** What a leader calls committed is on the disks of quorums. */
  #mustBeDurable(index: number, { id, log, node }: Replica, configuration: ConfState): void {
    const term = log.term(index) ?? node.status().term
    const has = (member: number) => {
      const durable = this.#stores.get(member)?.durable
      return durable !== undefined && (durable.firstIndex > index || durable.term(index) === term)
    }
    const { voters } = restoreConfiguration(configuration)
    const votes = new Map(voters.ids().map(member => [member, has(member)]))
    if (voters.voteResult(votes) !== 'won')
      throw new Error(`leader ${id} committed entry ${index} of term ${term}, which is not on the disks of a quorum`)
    this.#terms.set(index, term)
  }

  #vote(member: number, term: number, candidate: number): void {
    const name = `${member}/${term}`
    const before = this.#votes.get(name) ?? candidate
    if (before !== candidate) throw new Error(`member ${member} voted in term ${term} for ${before} and for ${candidate}`)
    this.#votes.set(name, candidate)
  }
}
