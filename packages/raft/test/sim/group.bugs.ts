import type { PlantedBug } from '@disruptorx/testkit'

/** Ways to build consensus wrong, each of which somebody has shipped or could have. */
const bugs: PlantedBug[] = [
  { name: 'vote-not-persisted', scenarios: ['elections'], file: 'src/core/raft.ts', find: `    this.vote = vote\n`, replace: '' },
  {
    name: 'term-not-persisted',
    scenarios: ['elections'],
    file: 'src/core/raft.ts',
    find: `    this.term = term\n    this.vote = vote\n`,
    replace: '',
  },
  {
    name: 'second-vote-in-a-term',
    scenarios: ['elections'],
    file: 'src/core/election.ts',
    find: `const mayVote = raft.vote === from ||`,
    replace: `const mayVote = raft.leader === NONE || raft.vote === from ||`,
  },
  {
    name: 'vote-for-a-shorter-log',
    scenarios: ['elections'],
    file: 'src/log/raft-log.ts',
    find: `(term === lastTerm && index >= this.lastIndex)`,
    replace: `term === lastTerm`,
  },
  {
    name: 'vote-by-length-of-log-alone',
    scenarios: ['elections'],
    file: 'src/log/raft-log.ts',
    find: `return term > lastTerm || (term === lastTerm && index >= this.lastIndex)`,
    replace: `return index >= this.lastIndex && term + lastTerm > 0`,
  },
  {
    name: 'own-vote-counted-before-it-is-durable',
    scenarios: ['elections'],
    file: 'src/core/election.ts',
    find: ` && tracker.hasVote(raft.id)`,
    replace: '',
  },
  {
    name: 'commit-of-an-old-terms-entry-by-count',
    scenarios: ['elections'],
    file: 'src/log/raft-log.ts',
    find: `if (index <= this.committed || !this.matchTerm(index, term)) return false`,
    replace: `if (index <= this.committed || term === 0 || this.term(index) === undefined || (this.term(index) ?? 0) > term) return false`,
  },
  {
    // By itself this harms nobody. A leader's hint lookup never probes before the place where the logs part: so the first entry that comes after a matching one is
    // always in conflict with what a follower has too much, which goes before anything is committed. Here the leader probes from further back, as it may.
    name: 'commit-beyond-what-agrees',
    scenarios: ['membership'],
    file: 'src/log/raft-log.ts',
    find: `this.commitTo(Math.min(commit, last))`,
    replace: `this.commitTo(Math.min(commit, this.lastIndex))`,
    also: [
      {
        file: 'src/core/replication.ts',
        find: `raft.log.findConflictByTerm(rejectHint, logTerm).index : rejectHint`,
        replace: `Math.max(0, raft.log.findConflictByTerm(rejectHint, logTerm).index - 4) : rejectHint`,
      },
    ],
  },
  {
    name: 'heartbeat-commits-what-a-follower-does-not-have',
    scenarios: ['elections'],
    file: 'src/core/heartbeats.ts',
    find: `Math.min(progress.match, log.committed)`,
    replace: `log.committed`,
    also: [
      {
        file: 'src/core/heartbeats.ts',
        find: `raft.log.commitTo(commit)`,
        replace: `raft.log.commitTo(Math.min(commit, raft.log.lastIndex))`,
      },
    ],
  },
  {
    name: 'late-message-cuts-off-what-was-acknowledged',
    scenarios: ['elections'],
    file: 'src/log/raft-log.ts',
    find: `if (index > lastIndex || !this.matchTerm(index, term)) break\n      known++`,
    replace: `if (index > this.committed || index > lastIndex || !this.matchTerm(index, term)) break\n      known++`,
    also: [
      {
        file: 'src/log/raft-log.ts',
        find: `    if (known < entries.length) this.append(`,
        replace: `    if (entries.length > known) this.append(`,
      },
    ],
  },
  {
    name: 'entries-taken-after-one-of-another-term',
    scenarios: ['elections'],
    file: 'src/log/raft-log.ts',
    find: `if (!this.matchTerm(index, term)) return undefined`,
    replace: `if (index > this.lastIndex) return undefined`,
  },
  {
    name: 'leader-counts-its-undurable-self',
    scenarios: ['elections'],
    file: 'src/core/proposals.ts',
    find: `  log.append(entries)\n`,
    replace: `  log.append(entries)\n  raft.tracker.get(id)?.maybeUpdate(log.lastIndex)\n`,
  },
  {
    name: 'acknowledged-before-it-is-durable',
    scenarios: ['elections'],
    file: 'src/core/follower.ts',
    find: `function acknowledge(raft: Raft, to: MemberId, index: number): void {\n  raft.messagesAfterAppend.push({`,
    replace: `function acknowledge(raft: Raft, to: MemberId, index: number): void {\n  raft.messages.push({`,
  },
  {
    name: 'vote-sent-before-it-is-durable',
    scenarios: ['elections'],
    file: 'src/core/election.ts',
    find: `  raft.messagesAfterAppend.push(\n    isPreVote`,
    replace: `  raft.messages.push(\n    isPreVote`,
  },
  {
    name: 'durable-news-of-a-replaced-entry-believed',
    scenarios: ['writes'],
    file: 'src/log/unstable.ts',
    find: `if (index < this.offset || this.term(index) !== term) return`,
    replace: `if (index < this.offset || this.term(index) === undefined) return`,
  },
  {
    name: 'snapshot-install-without-truncation',
    scenarios: ['membership'],
    file: 'src/log/unstable.ts',
    find: `    this.offsetInProgress = this.offset\n    this.entries = []\n    this.snapshot = snapshot`,
    replace: `    this.offsetInProgress = this.offset\n    this.snapshot = snapshot`,
  },
  {
    name: 'snapshot-goes-back',
    scenarios: ['membership'],
    file: 'src/core/snapshots.ts',
    find: `if (index <= raft.log.committed) return false`,
    replace: `if (index <= raft.log.firstIndex) return false`,
  },
  {
    name: 'snapshot-without-its-configuration',
    scenarios: ['membership'],
    file: 'src/core/snapshots.ts',
    find: `  raft.tracker.restore(restoreConfiguration(confState), index)\n`,
    replace: '',
  },
  {
    name: 'joint-configuration-decides-by-one-half',
    scenarios: ['membership'],
    file: 'src/quorum/joint.ts',
    find: `return Math.min(this.incoming.committedIndex(acked), this.outgoing.committedIndex(acked))`,
    replace: `return this.incoming.committedIndex(acked)`,
  },
  {
    name: 'joint-configuration-elects-by-one-half',
    scenarios: ['membership'],
    file: 'src/quorum/joint.ts',
    find: `const outgoing = this.outgoing.voteResult(votes)`,
    replace: `const outgoing = incoming`,
  },
  {
    name: 'joint-exit-too-early',
    scenarios: ['membership'],
    file: 'src/config/changer.ts',
    find: `  return draft.finish(configuration, autoLeave)`,
    replace: `  return leaveJoint(draft.finish(configuration, autoLeave))`,
  },
  {
    name: 'removed-node-still-counted',
    scenarios: ['membership'],
    file: 'src/config/tracker.ts',
    find: `    return this.configuration.voters.committedIndex(this)`,
    replace: `    const { voters } = this.configuration
    const voting = [...this.byId.values()].filter(({ isLearner }) => !isLearner)
    const matches = voting.map(({ match }) => match).sort((a, b) => b - a)
    return voters.isJoint ? voters.committedIndex(this) : (matches[voters.incoming.ids.length >> 1] ?? 0)`,
    also: [
      {
        file: 'src/config/tracker.ts',
        find: `    this.byId = new Map(members.map(progress => [progress.id, progress]))`,
        replace: `    this.byId = new Map([...this.byId.values(), ...members].map(progress => [progress.id, progress]))`,
      },
    ],
  },
  {
    name: 'learner-counted-as-voter',
    scenarios: ['membership'],
    file: 'src/config/tracker.ts',
    find: `    return this.configuration.voters.committedIndex(this)`,
    replace: `    const { voters, learners } = this.configuration
    const matches = [...voters.incoming.ids, ...learners].map(id => this.ackedIndex(id) ?? 0).sort((a, b) => b - a)
    return voters.isJoint ? voters.committedIndex(this) : (matches[voters.incoming.ids.length >> 1] ?? 0)`,
  },
  {
    name: 'second-change-before-the-first-is-applied',
    scenarios: ['membership'],
    file: 'src/core/proposals.ts',
    find: `  if (raft.pendingConfIndex > raft.log.applied) return 'another change may not be applied yet'\n`,
    replace: '',
  },
  {
    name: 'stale-read-before-the-terms-first-commit',
    scenarios: ['elections'],
    file: 'src/core/reads.ts',
    find: `  if (raft.hasCommittedInTerm) admit(raft, from, context)`,
    replace: `  if (raft.round >= 0) admit(raft, from, context)`,
  },
  {
    name: 'read-without-a-round',
    scenarios: ['elections'],
    file: 'src/core/reads.ts',
    find: `const confirmed = raft.tracker.confirmedRound()`,
    replace: `const confirmed = raft.round`,
  },
  {
    name: 'read-confirmed-by-a-round-before-it',
    scenarios: ['elections'],
    file: 'src/core/reads.ts',
    find: `round: raft.round + 1 })`,
    replace: `round: Math.max(1, raft.round - 3) })`,
  },
  {
    name: 'lease-with-a-drifting-clock',
    scenarios: ['leases'],
    file: 'src/core/lease.ts',
    find: `(this.promiseMs * (1 - drift)) / (1 + drift)`,
    replace: `this.promiseMs + drift * 0`,
  },
  {
    name: 'lease-counted-from-the-answer',
    scenarios: ['leases'],
    file: 'src/core/lease.ts',
    find: `return stamp === undefined ? Number.NEGATIVE_INFINITY : stamp.atMs + this.leaseMs`,
    replace: `return stamp === undefined ? Number.NEGATIVE_INFINITY : this.nowMs + this.leaseMs`,
    also: [
      {
        file: 'src/core/lease.ts',
        find: `const oldest = this.nowMs - this.leaseMs`,
        replace: `const oldest = this.nowMs - 10 * this.leaseMs`,
      },
    ],
  },
  { name: 'lease-outlives-a-transfer', scenarios: ['leases'], file: 'src/core/transfer.ts', find: `  raft.lease?.cancel()\n`, replace: '' },
  {
    name: 'promise-forgotten-in-a-restart',
    scenarios: ['leases'],
    file: 'src/core/lease.ts',
    find: `private heard = true`,
    replace: `private heard = false`,
  },
  {
    name: 'promise-broken-in-a-term-learned-otherwise',
    scenarios: ['leases'],
    file: 'src/core/election.ts',
    find: ` && !isBound`,
    replace: '',
  },
  {
    name: 'pre-vote-that-raises-terms',
    scenarios: ['elections'],
    file: 'src/core/step.ts',
    find: `      return !protectsLeader(raft)`,
    replace: `      if (protectsLeader(raft)) return false\n      break`,
  },
  {
    name: 'election-with-an-unapplied-configuration',
    scenarios: ['membership'],
    file: 'src/core/election.ts',
    find: ` || hasUnappliedConfChanges(raft)) return`,
    replace: `) return`,
  },
  {
    name: 'acknowledgements-of-earlier-terms-believed',
    scenarios: ['elections'],
    file: 'src/core/step.ts',
    find: `} else if (term < raft.term && (term !== 0`,
    replace: `} else if (term < raft.term && type !== 'MsgAppResp' && (term !== 0`,
  },
  {
    name: 'entries-of-earlier-leaders-believed',
    scenarios: ['elections'],
    file: 'src/core/step.ts',
    find: `} else if (term < raft.term && (term !== 0`,
    replace: `} else if (term < raft.term && type !== 'MsgApp' && (term !== 0`,
  },
  {
    name: 'repeated-command-carried-out-twice',
    file: 'test/sim/state-machine.ts',
    find: `    if (Number(number) <= this.newestOf(session)) return\n`,
    replace: '',
    scenarios: ['clients'],
  },
  {
    name: 'read-before-what-it-waits-for-is-applied',
    file: 'test/sim/clients.ts',
    find: `write === undefined ? machine.index < index :`,
    replace: `write === undefined ? index === Number.POSITIVE_INFINITY :`,
    scenarios: ['clients'],
  },
]

export default bugs
