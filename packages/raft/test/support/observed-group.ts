import { Simulation } from '@disruptorx/testkit'
import type { ConfState, Entry, HardState, PeerMessage, Ready } from '../../src/index.ts'
import { MemoryLog } from '../../src/index.ts'
import { type Observed, Safety } from '../sim/safety.ts'

/** A configuration of voters that a member can have reached. */
export function voters(...ids: number[]): ConfState {
  return { voters: ids, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
}

/** The voters that groups of the tests begin with. */
export const three = voters(1, 2, 3)

/** A member that is said to be so, whatever a right one would be. */
export class Made implements Observed {
  readonly id: number
  life = 1
  readonly log = new MemoryLog({ index: 1, term: 1, confState: three, data: new Uint8Array(0) })
  confState = three
  digest = { index: 1, digest: '0' }
  status = { role: 'follower', term: 1, vote: 0, committed: 1, configuration: three, members: [] as { id: number; match: number }[] }
  durableOnAll = 0
  readonly node = { status: () => this.status, durableOnAll: () => this.durableOnAll } as unknown as Observed['node']

  constructor(id: number) {
    this.id = id
  }

  is(status: Partial<Made['status']>): this {
    this.status = { ...this.status, ...status }
    return this
  }
}

/** Three members, what their disks hold, and who looks after them. */
export function group() {
  const disks = new Map(
    [1, 2, 3].map(id => [id, { durable: new MemoryLog({ index: 1, term: 1, confState: three, data: new Uint8Array(0) }) }]),
  )
  const sim = new Simulation({ seed: 1 })
  const safety = new Safety(sim, disks)
  const members = [1, 2, 3].map(id => new Made(id)) as [Made, Made, Made]
  const save = (id: number, hardState: HardState, ...entries: Entry[]) => {
    disks.get(id)?.durable.setHardState(hardState)
    disks.get(id)?.durable.append(entries)
  }
  const vote = (from: Made, to: number, term: number) =>
    safety.sends(from, { type: 'MsgVoteResp', from: from.id, to, term, reject: false } as PeerMessage)
  /** The first member is elected in a term by the second one, and both have saved that. */
  const elect = (term: number) => {
    save(1, { term, vote: 1, commit: 1 })
    vote(members[1], 1, term)
    safety.observe(members[0].is({ role: 'leader', term, vote: 1 }))
  }
  return { sim, safety, members, disks, save, vote, elect }
}

/** An entry that holds a text. */
export function entry(index: number, term: number, text = '', type: Entry['type'] = 'normal'): Entry {
  return { index, term, type, data: new TextEncoder().encode(text) }
}

/** What a member hands out, of which only these parts matter. */
export function ready(parts: Partial<Ready>): Ready {
  return { entries: [], softState: undefined, ...parts } as unknown as Ready
}
