import { LOCAL_APPLY_THREAD, MemoryLog, MOST_MEMBER_ID, type RaftConfig, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { resolveRaftConfig } from '../src/raft-config.ts'
import { confState, startOf } from './support/cluster.ts'

const random = { u32: () => 0 }
const make = (config: object = {}) => new RawNode({ id: 1, random, ...config }, new MemoryLog(startOf(confState([1, 2, 3]))))
const resolve = (config: Partial<RaftConfig> = {}) => resolveRaftConfig({ id: 1, random, ...config })
const MIB = 1024 * 1024

describe('the configuration of a member', () => {
  it('has defaults', () => {
    expect(resolve()).toEqual({
      id: 1,
      electionTick: 10,
      heartbeatTick: 1,
      random,
      asyncStorageWrites: false,
      maxSizePerMsg: MIB,
      maxCommittedSizePerReady: 16 * MIB,
      maxUncommittedEntriesSize: 64 * MIB,
      maxInflightMsgs: 256,
      maxInflightBytes: 16 * MIB,
      maxPendingReads: 65_536,
      checkQuorum: true,
      preVote: true,
      lease: undefined,
      disableProposalForwarding: false,
      disableConfChangeValidation: false,
      stepDownOnRemoval: 'when-known',
    })
  })

  it('takes a time-out of ten heartbeats, and a window in which one message of the largest size has room, where neither is named', () => {
    expect(resolve({ heartbeatTick: 3 })).toMatchObject({ heartbeatTick: 3, electionTick: 30 })
    expect(resolve({ maxSizePerMsg: 20 * MIB })).toMatchObject({ maxSizePerMsg: 20 * MIB, maxInflightBytes: 20 * MIB })
    expect(resolve({ maxSizePerMsg: Number.POSITIVE_INFINITY }).maxInflightBytes).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    ['id', { id: 0 }],
    ['id', { id: LOCAL_APPLY_THREAD }],
    ['id', { id: 2 ** 53 - 1 }],
    ['heartbeatTick', { heartbeatTick: 0 }],
    ['heartbeatTick', { heartbeatTick: 1_000_001 }],
    ['electionTick', { heartbeatTick: 3, electionTick: 3 }],
    ['electionTick', { electionTick: 10_000_001 }],
    ['maxSizePerMsg', { maxSizePerMsg: -1 }],
    ['maxCommittedSizePerReady', { maxCommittedSizePerReady: 0 }],
    ['maxUncommittedEntriesSize', { maxUncommittedEntriesSize: 0 }],
    ['maxInflightMsgs', { maxInflightMsgs: 0 }],
    ['maxInflightBytes', { maxSizePerMsg: 1_000, maxInflightBytes: 999 }],
    ['maxInflightBytes', { maxSizePerMsg: 0, maxInflightBytes: 0 }],
    ['maxPendingReads', { maxPendingReads: 0 }],
    ['checkQuorum', { checkQuorum: false, lease: { tickMs: 100, maxClockDriftPpm: 0 } }],
    ['lease.tickMs', { lease: { tickMs: 0, maxClockDriftPpm: 0 } }],
    ['lease.tickMs', { lease: { tickMs: 60_001, maxClockDriftPpm: 0 } }],
    ['lease.maxClockDriftPpm', { lease: { tickMs: 1, maxClockDriftPpm: 500_001 } }],
    ['stepDownOnRemoval', { stepDownOnRemoval: 'soon' }],
  ])('is refused for its %s of %j', (option, config) => {
    expect(() => make(config)).toThrow(expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) }))
  })

  it.each([
    { id: MOST_MEMBER_ID },
    { heartbeatTick: 1, electionTick: 2 },
    { heartbeatTick: 1_000_000, electionTick: 10_000_000 },
    { maxSizePerMsg: 1_000, maxInflightBytes: 1_000 },
    { maxSizePerMsg: 0, maxInflightBytes: 1 },
    { maxInflightMsgs: 1, maxCommittedSizePerReady: 1, maxUncommittedEntriesSize: 1, maxPendingReads: 1 },
    { lease: { tickMs: 60_000, maxClockDriftPpm: 500_000 } },
  ])('may go to the ends of its ranges: %j', config => {
    expect(() => make(config)).not.toThrow()
  })

  it.each([undefined, null, 7, {}, { u32: 7 }])('is refused without a source of chance: %j', wrong => {
    expect(() => make({ random: wrong })).toThrow('a source of chance')
  })

  it('may have no limits', () => {
    const limits = [
      'maxSizePerMsg',
      'maxCommittedSizePerReady',
      'maxUncommittedEntriesSize',
      'maxInflightMsgs',
      'maxInflightBytes',
      'maxPendingReads',
    ]
    expect(() => make(Object.fromEntries(limits.map(name => [name, Number.POSITIVE_INFINITY])))).not.toThrow()
  })
})
