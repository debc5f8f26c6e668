import { systemClock } from '@disruptorx/contracts/internal'

/** Entries after which the logs are emptied, so that memory stays the same however long it runs. */
const COMPACT_EVERY = 4096

interface RawEntry {
  readonly index: number
  readonly data: Uint8Array
}
interface RawMessage {
  readonly to: number
  readonly from: number
  readonly commit: number
  readonly entries: readonly RawEntry[]
  readonly match: number
}

/** What no replication can do without: entries are put into three lists, by messages that are objects, and applied when two have them. Nothing can fail. */
class RawGroup {
  readonly #logs: RawEntry[][] = [[], [], []]
  readonly applied = [0, 0, 0]
  #last = 0
  #network: RawMessage[] = []

  propose(proposal: readonly Uint8Array[]): void {
    const entries = proposal.map(data => ({ index: ++this.#last, data }))
    this.#save(0, entries)
    for (const to of [1, 2]) this.#network.push({ to, from: 0, commit: this.applied[0] ?? 0, entries, match: 0 })
    while (this.#network.length > 0) {
      const arriving = this.#network
      this.#network = []
      for (const message of arriving) this.#step(message)
    }
  }

  #step({ to, from, commit, entries, match }: RawMessage): void {
    if (to !== 0) {
      this.#save(to, entries)
      this.applied[to] = commit
      if (entries.length > 0) this.#network.push({ to: from, from: to, commit: 0, entries: [], match: this.#last })
    } else if (match > (this.applied[0] ?? 0)) {
      this.applied[0] = match
      for (const follower of [1, 2]) this.#network.push({ to: follower, from: 0, commit: match, entries: [], match: 0 })
    }
  }

  #save(member: number, entries: readonly RawEntry[]): void {
    const log = this.#logs[member] as RawEntry[]
    for (const entry of entries) log.push(entry)
    if (log.length >= COMPACT_EVERY) log.length = 0
  }
}

/** The floor of `commitsPerSecond`: entries per second that three lists in memory agree on, without terms, time-outs, checks and bounds. */
export function rawCommitsPerSecond(commits: number, data: Uint8Array, entriesPerProposal: number): number {
  const group = new RawGroup()
  const proposal = Array.from({ length: entriesPerProposal }, () => data)
  const run = (until: number) => {
    while ((group.applied[0] ?? 0) < until) group.propose(proposal)
  }
  run(commits / 10)
  const from = group.applied[0] ?? 0
  const startedNs = systemClock.monotonicNs()
  run(from + commits)
  const seconds = (systemClock.monotonicNs() - startedNs) / 1e9
  if (group.applied.some(applied => applied !== group.applied[0])) throw new Error('the lists do not agree')
  return ((group.applied[0] ?? 0) - from) / seconds
}
