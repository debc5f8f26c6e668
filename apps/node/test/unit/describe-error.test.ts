import { DisruptorError, OptionError } from 'disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { describeError, exitCodeOf } from '../../src/cli/describe-error.ts'
import { SourceError } from '../../src/cli/errors.ts'
import { directoryError } from '../../src/data-dir/data-dir.ts'

describe('an error on the command line', () => {
  it('is told as disk full wherever in the chain of causes the system said so', () => {
    const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const direct = new DisruptorError('DX_JOURNAL_STOPPED', 'the journal stopped', {}, { cause })
    const acrossThreads = new DisruptorError('DX_JOURNAL_STOPPED', 'the journal stopped (ENOSPC: no space left on device, write)')
    for (const error of [direct, acrossThreads]) {
      expect(describeError(error)).toMatch(/^disk full: make room, then run the same command again \(the journal stopped/)
      expect(exitCodeOf(error)).toBe(1)
    }
    expect(describeError(cause)).toBe('disk full: make room, then run the same command again')
  })

  it('is one line, with the path that the system named', () => {
    expect(describeError(Object.assign(new Error('EACCES: ...'), { code: 'EACCES', path: '/x/y' }))).toBe('/x/y: permission denied')
    expect(describeError(new DisruptorError('DX_X', 'one\n  two'))).toBe('one two')
    expect(describeError('thrown text')).toBe('thrown text')
    expect(describeError(new TypeError('x is not a function'))).toContain('unexpected error: x is not a function')
  })

  it('decides the exit code: 2 for what was refused, 1 for what failed', () => {
    expect(exitCodeOf(new SourceError('no'))).toBe(2)
    expect(exitCodeOf(new OptionError('rate', 0, 'more'))).toBe(2)
    expect(exitCodeOf(new Error('no'))).toBe(1)
  })

  it('names the data directory when a thread reports a fault of the system', () => {
    const error = directoryError('/data', new DisruptorError('EFBIG', 'EFBIG: file too large, ftruncate'))
    expect(describeError(error)).toMatch(/^cannot use data directory \/data: file size limit reached/)
  })
})
