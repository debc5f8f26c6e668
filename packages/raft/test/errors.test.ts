import { describe, expect, it } from 'vitest'
import {
  ConfChangeBytesError,
  ConfChangeError,
  RaftHaltedError,
  RaftInvariantError,
  RaftMessageError,
  RaftUsageError,
} from '../src/errors.ts'

const cause = new Error('the disk is gone')

describe('an error', () => {
  it.each([
    [new RaftInvariantError('entry 9 is committed', { index: 9 }), 'DX_RAFT_INVARIANT', { index: 9 }],
    [new RaftHaltedError(7, cause), 'DX_RAFT_HALTED', { member: 7 }],
    [new RaftMessageError('MsgApp', 2, 'has term 0'), 'DX_RAFT_MESSAGE', { type: 'MsgApp', from: 2, what: 'has term 0' }],
    [new RaftUsageError('advance() without a ready() before it'), 'DX_RAFT_USAGE', {}],
    [
      new RaftUsageError('entry 5 does not follow the last one, 1', { index: 5, lastIndex: 1 }),
      'DX_RAFT_USAGE',
      { index: 5, lastIndex: 1 },
    ],
    [new ConfChangeError('no-voters', '(1)'), 'DX_RAFT_CONF_CHANGE', { fault: 'no-voters', configuration: '(1)' }],
    [new ConfChangeBytesError('they end early'), 'DX_RAFT_CONF_CHANGE_BYTES', { what: 'they end early' }],
  ])('%s has a code and the values', (error, code, details) => {
    expect(error).toMatchObject({ code, details })
  })

  it('of a member that stopped has the one that stopped it as its cause, whatever that was', () => {
    expect(new RaftHaltedError(7, cause)).toMatchObject({ cause, message: expect.stringContaining('(the disk is gone)') })
    expect(new RaftHaltedError(7, 'a text')).toMatchObject({ cause: 'a text', message: expect.stringContaining('(a text)') })
  })

  it('of a message that is none says so', () => {
    expect(new RaftMessageError(undefined, undefined, 'has term undefined').message).toMatch(
      /^a message without a type from member undefined/,
    )
  })

  it('of a configuration change says which fault it is', () => {
    expect(new ConfChangeError('not-joint', '(1 2)')).toMatchObject({ fault: 'not-joint' })
  })
})
