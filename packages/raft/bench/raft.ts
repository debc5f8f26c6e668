import { systemClock } from '@disruptorx/contracts/internal'
import { MemoryLog, type PeerMessage, RawNode } from '@disruptorx/raft'
import { operationsCheckedPerSecond } from './checker.ts'
import { rawCommitsPerSecond } from './raw-group.ts'
import { ticksSimulatedPerSecond } from './simulated-group.ts'

/** Three members in memory, on one thread. What it does not measure: disks, networks, codecs, and what an application does with entries. */
const MEMBERS = [1, 2, 3]
const DATA = new Uint8Array(64)
/** Entries after which a log is compacted, so that memory stays the same however long it runs. */
const COMPACT_EVERY = 4096

class Member {
  readonly node: RawNode
  readonly log: MemoryLog
  applied = 1

  constructor(id: number) {
    const confState = { voters: MEMBERS, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
    this.log = new MemoryLog({ index: 1, term: 1, confState, data: new Uint8Array(0) })
    this.node = new RawNode({ id, random: { u32: () => id } }, this.log)
  }

  work(send: (message: PeerMessage) => void): void {
    const { node, log } = this
    while (node.hasReady()) {
      const { messages, entries, hardState, messagesAfterAppend, committedEntries } = node.ready()
      for (const message of messages) send(message)
      log.append(entries)
      if (hardState !== undefined) log.setHardState(hardState)
      for (const message of messagesAfterAppend) send(message)
      this.applied = committedEntries.at(-1)?.index ?? this.applied
      node.advance()
    }
    if (this.applied - log.firstIndex < COMPACT_EVERY) return
    log.createSnapshot(this.applied, log.initialState().confState, DATA)
    log.compact(this.applied)
  }
}

class Group {
  readonly members = MEMBERS.map(id => new Member(id))
  readonly leader = this.members[0] as Member
  #network: PeerMessage[] = []
  readonly #send = (message: PeerMessage) => void this.#network.push(message)

  constructor() {
    this.leader.node.campaign()
    this.settle()
    if (this.leader.node.status().role !== 'leader') throw new Error('the first member does not lead')
  }

  /** Until nothing is left to say. */
  settle(): void {
    do {
      const arriving = this.#network
      this.#network = []
      for (const message of arriving) this.members[message.to - 1]?.node.step(message)
      for (const member of this.members) member.work(this.#send)
    } while (this.#network.length > 0)
  }
}

/** Entries per second that three members commit and apply, so many to a proposal and so many proposals under way. */
function commitsPerSecond(commits: number, entriesPerProposal: number): number {
  const group = new Group()
  const proposal = Array.from({ length: entriesPerProposal }, () => DATA)
  const run = (until: number) => {
    while (group.leader.applied < until) {
      group.leader.node.propose(proposal)
      group.settle()
    }
  }
  run(commits / 10)
  const from = group.leader.applied
  const startedNs = systemClock.monotonicNs()
  run(from + commits)
  const seconds = (systemClock.monotonicNs() - startedNs) / 1e9
  if (group.members.some(({ applied }) => applied !== group.leader.applied)) throw new Error('the members do not agree')
  return (group.leader.applied - from) / seconds
}

export default {
  suite: 'raft',
  async run({ quick, log }: { quick: boolean; log(line: string): void }): Promise<Record<string, number>> {
    const rawSingle = rawCommitsPerSecond(quick ? 2_000 : 3_000_000, DATA, 1)
    const single = commitsPerSecond(quick ? 2_000 : 300_000, 1)
    log('one entry at a time done')
    const rawBatched = rawCommitsPerSecond(quick ? 20_000 : 30_000_000, DATA, 64)
    const batched = commitsPerSecond(quick ? 20_000 : 6_000_000, 64)
    log('64 entries at a time done')
    const ticks = await ticksSimulatedPerSecond(quick ? 1 : 20, quick ? 500 : 15_000)
    log('simulated groups done')
    const checked = operationsCheckedPerSecond(quick ? 1_000 : 100_000)
    return {
      'raw.commitsPerSecond': rawSingle,
      'core.commitsPerSecond': single,
      'raw.batchedCommitsPerSecond': rawBatched,
      'core.batchedCommitsPerSecond': batched,
      'sim.ticksPerSecond': ticks,
      'checker.operationsPerSecond': checked,
    }
  },
}
