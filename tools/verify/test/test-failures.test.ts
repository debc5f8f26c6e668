import { describe, expect, it } from 'vitest'
import { failuresIn } from '../test-failures.ts'

const noise = Array.from({ length: 500 }, (_, line) => `a passing test prints ${line}`)

/** As vitest prints it. */
const errors = [
  '⎯⎯⎯⎯⎯⎯⎯ Failed Tests 2 ⎯⎯⎯⎯⎯⎯⎯',
  '',
  ' FAIL  |core| test/ring.test.ts > a ring > is round',
  'AssertionError: expected 3 to be 4',
  ...Array.from({ length: 100 }, (_, line) => `  line ${line} of a difference`),
  '⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/2]⎯',
  '',
  ' FAIL  |layout| test/struct.test.ts > a struct > is flat',
  'AssertionError: expected 5 to be 6',
]

const counts = '      Tests  2 failed | 7 passed (9)'

describe('the failures in the output of a run', () => {
  it('begin with the names of what failed, then say how, and leave out what others print', () => {
    const lines = failuresIn([...noise, ...errors, counts, ''].join('\n')).split('\n')
    expect(lines.slice(0, 2)).toEqual([
      'FAIL  |core| test/ring.test.ts > a ring > is round',
      'FAIL  |layout| test/struct.test.ts > a struct > is flat',
    ])
    expect(lines.slice(2)).toEqual([...errors, counts])
  })

  it('are those of files and of nobody, too', () => {
    for (const heading of ['⎯⎯⎯⎯⎯⎯ Failed Suites 1 ⎯⎯⎯⎯⎯⎯', '⎯⎯⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯⎯⎯']) {
      const said = [heading, '', 'Error: broken']
      expect(failuresIn([...noise, ...said].join('\n'))).toBe(said.join('\n'))
    }
  })

  it('are the last lines where nothing is marked as failed', () => {
    expect(failuresIn([...noise, 'ended by SIGKILL'].join('\n')).split('\n')).toEqual([...noise.slice(-59), 'ended by SIGKILL'])
    expect(failuresIn('')).toBe('')
  })

  it('are cut in the middle: the names and the counts stay', () => {
    const long = Array.from({ length: 2000 }, (_, line) => `  line ${line} of a difference`)
    const text = failuresIn([...errors, ...long, counts].join('\n'))
    expect(text.length).toBeLessThan(12_100)
    expect(text).toMatch(/^FAIL {2}\|core\| [\s\S]*\n\.\.\. \d+ characters \.\.\.\n[\s\S]* 7 passed \(9\)$/)
  })
})
