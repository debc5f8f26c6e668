import type { Message, MsgStorageAppend, PeerMessage, RaftConfig, Snapshot } from '@disruptorx/raft'
import type { Argument, Case } from './cases.ts'
import { numbersOf, valuesOf } from './cases.ts'
import { parseChanges } from './changes.ts'
import { describeEntry, describeMember, describeMessage, describeReady, describeRole, FIRST_FORM, messagesOf } from './describe.ts'
import { Member } from './member.ts'

const DROPPED = 'raft proposal dropped'

/** Members, the messages between them, and the commands that move them: what scenarios in the manner of etcd's `interaction` tests are played on. */
export class Interaction {
  readonly #members: Member[] = []
  #messages: Message[] = []
  #output = ''
  #isQuiet = false

  /** Does what a command says, and returns what it prints. */
  run({ command, args, input }: Case): string {
    this.#output = ''
    const wasQuiet = this.#isQuiet
    const failure = this.#perform(command, args, input)
    const isQuiet = this.#isQuiet
    if (command === 'stabilize') this.#isQuiet = wasQuiet
    if (isQuiet) return failure ?? 'ok'
    return (this.#output + (failure ?? '')).trimEnd() || 'ok'
  }

  #perform(command: string, args: readonly Argument[], input: string): string | undefined {
    const [first = 0, second = 0] = numbersOf(args)
    switch (command) {
      case 'log-level':
        this.#isQuiet = args[0]?.key.toLowerCase() === 'none'
        return
      case 'add-nodes':
        return this.#addNodes(first, args)
      case 'campaign':
        this.#member(first).node.campaign()
        return
      case 'propose':
        return this.#member(first).node.propose([new TextEncoder().encode(args[1]?.key)]).kind === 'dropped' ? DROPPED : undefined
      case 'propose-conf-change':
        return this.#proposeConfChange(first, args, input)
      case 'process-ready':
        return this.#forEach(numbersOf(args), 'handling Ready', id => this.#processReady(id))
      case 'process-append-thread':
        return this.#forEach(numbersOf(args), 'processing append thread', id => this.#processAppend(id))
      case 'process-apply-thread':
        return this.#forEach(numbersOf(args), 'processing apply thread', id => this.#processApply(id))
      case 'deliver-msgs':
        return this.#deliverCommand(args)
      case 'stabilize':
        if (valuesOf(args, 'log-level')[0]?.toLowerCase() === 'none') this.#isQuiet = true
        return this.#stabilize(numbersOf(args))
      case 'tick-election':
        return this.#tick(first, this.#member(first).config.electionTick ?? 0)
      case 'tick-heartbeat':
        return this.#tick(first, this.#member(first).config.heartbeatTick ?? 0)
      default:
        return this.#performRare(command, args, first, second)
    }
  }

  #performRare(command: string, args: readonly Argument[], first: number, second: number): string | undefined {
    switch (command) {
      case 'set-randomized-election-timeout':
        this.#member(first).node.setRandomizedElectionTimeout(Number(valuesOf(args, 'timeout')[0]))
        return
      case 'transfer-leadership':
        this.#member(Number(valuesOf(args, 'from')[0])).node.transferLeadership(Number(valuesOf(args, 'to')[0]))
        return
      case 'forget-leader':
        this.#member(first).node.forgetLeader()
        return
      case 'report-unreachable':
        this.#member(first).node.reportUnreachable(second)
        return
      case 'read-index':
        this.#member(first).node.readIndex(second)
        return
      case 'compact':
        this.#member(first).compact(second)
        return this.#raftLog(first)
      case 'raft-log':
        return this.#raftLog(first)
      case 'raft-state':
        return this.#raftState()
      case 'status':
        for (const member of this.#member(first).node.status().members) this.#print(`${describeMember(member)}\n`)
        return
      case 'send-snapshot':
        return this.#sendSnapshot(first, second)
      default:
        return `unknown command ${command}`
    }
  }

  #member(id: number): Member {
    const member = this.#members[id - 1]
    if (member === undefined) throw new Error(`there is no member ${id}`)
    return member
  }

  #print(text: string): void {
    this.#output += text
  }

  #addNodes(count: number, args: readonly Argument[]): undefined {
    const flag = (key: string) => valuesOf(args, key)[0] === 'true'
    const number = (key: string, otherwise: number) => Number(valuesOf(args, key)[0] ?? otherwise)
    const isLease = valuesOf(args, 'read-only')[0] === 'lease-based'
    const index = number('index', 0)
    const confState = {
      voters: valuesOf(args, 'voters').map(Number),
      learners: valuesOf(args, 'learners').map(Number),
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    }
    const start: Snapshot = {
      index,
      term: index > 0 ? 1 : 0,
      confState,
      data: new TextEncoder().encode(valuesOf(args, 'content')[0] ?? ''),
    }
    for (let i = 0; i < count; i++) {
      const config: RaftConfig = {
        id: this.#members.length + 1,
        electionTick: 3,
        heartbeatTick: 1,
        random: { u32: () => 0 },
        asyncStorageWrites: flag('async-storage-writes'),
        maxSizePerMsg: Number.POSITIVE_INFINITY,
        maxCommittedSizePerReady: number('max-committed-size-per-ready', Number.POSITIVE_INFINITY),
        maxUncommittedEntriesSize: Number.POSITIVE_INFINITY,
        maxInflightMsgs: number('inflight', Number.POSITIVE_INFINITY),
        maxInflightBytes: Number.POSITIVE_INFINITY,
        checkQuorum: flag('checkquorum'),
        preVote: flag('prevote'),
        disableConfChangeValidation: flag('disable-conf-change-validation'),
        stepDownOnRemoval: flag('step-down-on-removal') ? 'at-once' : 'never',
        ...(isLease ? { lease: { tickMs: 1, maxClockDriftPpm: 0 } } : {}),
      }
      const member = new Member(config, start, index === 0)
      this.#members.push(member)
      // Who has leases keeps a promise that it may have made before it started; scenarios begin after that.
      if (isLease) for (const nowMs of [0, 10]) member.node.tick(nowMs)
    }
  }

  #proposeConfChange(id: number, args: readonly Argument[], input: string): string | undefined {
    const isFirstForm = valuesOf(args, 'v1')[0] === 'true'
    const transition = valuesOf(args, 'transition')[0] ?? 'auto'
    const { kind } = this.#member(id).node.proposeConfChange({
      transition: transition === 'implicit' ? 'joint-implicit' : transition === 'explicit' ? 'joint-explicit' : 'auto',
      changes: parseChanges(input),
      context: isFirstForm ? FIRST_FORM : new Uint8Array(0),
    })
    return kind === 'dropped' ? DROPPED : undefined
  }

  #forEach(ids: readonly number[], what: string, work: (id: number) => void): undefined {
    for (const id of ids) {
      if (ids.length === 1) work(id)
      else this.#under(`> ${id} ${what}`, () => work(id))
    }
  }

  #under(title: string, work: () => void): void {
    const outer = this.#output
    this.#output = ''
    work()
    const lines = this.#output === '' ? [] : this.#output.trimEnd().split('\n')
    this.#output = `${outer}${title}\n${lines.map(line => `  ${line}\n`).join('')}`
  }

  #processReady(id: number): void {
    const member = this.#member(id)
    const ready = member.node.ready()
    this.#print(describeReady(ready, member.saved))
    member.saved = ready.hardState ?? member.saved
    const isAsync = member.config.asyncStorageWrites
    if (!isAsync) {
      member.save(ready.hardState, ready.entries, ready.snapshot)
      member.apply(ready.committedEntries)
    }
    for (const message of messagesOf(ready)) {
      if (message.type === 'MsgStorageAppend') member.appendWork.push(message)
      else if (message.type === 'MsgStorageApply') member.applyWork.push(message)
      else this.#messages.push(message)
    }
    if (!isAsync) member.node.advance()
  }

  #processAppend(id: number): void {
    const member = this.#member(id)
    const work: MsgStorageAppend | undefined = member.appendWork.shift()
    if (work === undefined) {
      this.#print('no append work to perform')
      return
    }
    this.#print(`Processing:\n${describeMessage({ ...work, responses: [] })}\n`)
    member.save(work.hardState, work.entries, work.snapshot)
    this.#respond(work.responses)
  }

  #processApply(id: number): void {
    const member = this.#member(id)
    const work = member.applyWork.shift()
    if (work === undefined) {
      this.#print('no apply work to perform')
      return
    }
    this.#print(`Processing:\n${describeMessage({ ...work, responses: [] })}\n`)
    member.apply(work.entries)
    this.#respond(work.responses)
  }

  #respond(responses: readonly Message[]): void {
    this.#print('Responses:\n')
    for (const response of responses) this.#print(`${describeMessage(response)}\n`)
    this.#messages.push(...responses)
  }

  #deliverCommand(args: readonly Argument[]): undefined {
    const type = valuesOf(args, 'type')[0]
    let count = 0
    for (const id of numbersOf(args)) count += this.#deliver(id, false, type)
    for (const id of valuesOf(args, 'drop')) count += this.#deliver(Number(id), true, type)
    if (count === 0) this.#print('no messages\n')
  }

  #deliver(id: number, drop: boolean, type?: string): number {
    const isFor = (message: Message) => message.to === id && !(drop && isLocal(message)) && (type === undefined || message.type === type)
    const taken = this.#messages.filter(isFor)
    this.#messages = this.#messages.filter(message => !isFor(message))
    for (const message of taken) {
      this.#print(`${drop ? 'dropped: ' : ''}${describeMessage(message)}\n`)
      if (drop) continue
      const { node } = this.#member(id)
      const outcome = isToPeer(message) ? node.step(message) : node.stepLocal(message)
      if (outcome === 'unknown-member') this.#print('raft: cannot step as peer not found\n')
      if (outcome === 'proposal-dropped') this.#print(`${DROPPED}\n`)
    }
    return taken.length
  }

  #stabilize(ids: readonly number[]): undefined {
    const members = ids.length === 0 ? [...this.#members] : ids.map(id => this.#member(id))
    for (let done = false; !done; ) {
      done = true
      const each = (what: string, wants: (member: Member) => boolean, work: (id: number) => void) => {
        for (const member of members) {
          if (!wants(member)) continue
          done = false
          this.#under(`> ${member.id} ${what}`, () => work(member.id))
        }
      }
      const whileAny = (work: { readonly length: number }, step: () => void) => {
        while (work.length > 0) step()
      }
      each(
        'handling Ready',
        ({ node }) => node.hasReady(),
        id => this.#processReady(id),
      )
      each(
        'receiving messages',
        ({ id }) => this.#messages.some(({ to }) => to === id),
        id => this.#deliver(id, false),
      )
      each(
        'processing append thread',
        ({ appendWork }) => appendWork.length > 0,
        id => whileAny(this.#member(id).appendWork, () => this.#processAppend(id)),
      )
      each(
        'processing apply thread',
        ({ applyWork }) => applyWork.length > 0,
        id => whileAny(this.#member(id).applyWork, () => this.#processApply(id)),
      )
    }
  }

  #tick(id: number, count: number): undefined {
    for (let i = 0; i < count; i++) this.#member(id).node.tick(i)
  }

  #raftLog(id: number): undefined {
    const { log } = this.#member(id)
    const { firstIndex, lastIndex } = log
    if (lastIndex < firstIndex) this.#print(`log is empty: first index=${firstIndex}, last index=${lastIndex}`)
    else for (const entry of log.entries(firstIndex, lastIndex + 1, Number.POSITIVE_INFINITY)) this.#print(`${describeEntry(entry)}\n`)
  }

  #raftState(): undefined {
    for (const { node } of this.#members) {
      const { id, role, term, leader, configuration } = node.status()
      const isVoter = configuration.voters.includes(id) || configuration.votersOutgoing.includes(id)
      this.#print(`${id}: ${describeRole(role)} ${isVoter ? '(Voter)' : '(Non-Voter)'} Term:${term} Lead:${leader}\n`)
    }
  }

  #sendSnapshot(from: number, to: number): undefined {
    const { node } = this.#member(from)
    const message: Message = { type: 'MsgSnap', from, to, term: node.status().term, snapshot: this.#member(from).snapshot() }
    this.#messages.push(message)
    this.#print(describeMessage(message))
  }
}

function isLocal(message: Message): boolean {
  return !isToPeer(message)
}

/** Whether a message goes from one member to another: what storage threads answer, and what a member tells itself, is never lost. */
function isToPeer(message: Message): message is PeerMessage {
  return message.from !== message.to && message.type !== 'MsgStorageAppendResp' && message.type !== 'MsgStorageApplyResp'
}
