import { describe, expect, it } from 'vitest'
import { readCommand, UsageError, usage } from '../command-line.ts'

const read = (line: string) => readCommand(line.split(' ').filter(word => word !== ''))

describe('the command line of npm run sim', () => {
  it('runs 1,000 seeds of everything unless more is said, within ranges', () => {
    const nothing = { scenarios: [], bugs: [] }
    expect(read('')).toEqual({ kind: 'seeds', ...nothing, limits: {} })
    expect(read('--seeds 1 --first 0 --processes 256 --minutes 0.5 --scenario a/ --scenario b --bug c')).toEqual({
      kind: 'seeds',
      scenarios: ['a/', 'b'],
      bugs: ['c'],
      limits: { seeds: 1, firstSeed: 0, processes: 256, maxMs: 30_000 },
    })
    expect(read('--seed 0 --trace --scenario a')).toEqual({ kind: 'seed', scenarios: ['a'], bugs: [], seed: 0, trace: true })
    expect(read('--seed 9007199254740991')).toMatchObject({ seed: 9007199254740991, trace: false })
    expect(read('--bugs')).toEqual({ kind: 'hunt', ...nothing, options: { seeds: 1_000 } })
    expect(read('--bugs --seeds 7 --first 3 --processes 1')).toMatchObject({ options: { seeds: 7, firstSeed: 3, processes: 1 } })
    expect(read('--list --scenario a')).toEqual({ kind: 'list', scenarios: ['a'], bugs: [] })
    expect([read('--help'), read('-h --seeds none')]).toEqual([{ kind: 'help' }, { kind: 'help' }])
  })

  it.each([
    ['--seeds 0', "--seeds is '0'; it must be a whole number from 1 to"],
    ['--seeds many', "--seeds is 'many'"],
    ['--seeds 1.5', "--seeds is '1.5'"],
    ['--seed -1', "--seed is '-1'; it must be a whole number from 0 to"],
    ['--first -1', "--first is '-1'"],
    ['--seed 9007199254740992', "--seed is '9007199254740992'"],
    ['--processes 0', "--processes is '0'; it must be a whole number from 1 to 256"],
    ['--processes 257', "--processes is '257'"],
    ['--minutes 0', "--minutes is '0'; it must be a number above 0"],
    ['--minutes -1', "--minutes is '-1'"],
    ['--minutes x', "--minutes is 'x'"],
    ['--minutes Infinity', "--minutes is 'Infinity'"],
    ['--seed 3 --seeds 5', '--seeds does not go with --seed, which runs one seed alone'],
    ['--seed 3 --minutes 5', '--minutes does not go with --seed'],
    ['--seed 3 --bugs', '--seed does not go with --bugs, which hunts planted bugs'],
    ['--bugs --minutes 1', '--minutes does not go with --bugs'],
    ['--bugs --trace', '--trace does not go with --bugs'],
    ['--list --seeds 3', '--seeds does not go with --list'],
    ['--trace', '--trace wants one seed: name it with --seed'],
    ['register', "'register' stands alone; a scenario is named with --scenario register"],
    ['--frobnicate', 'frobnicate'],
    ['--scenario', "Option '--scenario <value>' argument missing"],
  ])('is refused as %s', (line, message) => {
    expect(() => read(line)).toThrow(UsageError)
    expect(() => read(line)).toThrow(message)
  })

  it('has every option in its usage', () => {
    for (const option of ['scenario', 'seeds', 'minutes', 'first', 'seed', 'trace', 'bug', 'bugs', 'processes', 'list', 'help'])
      expect(usage).toMatch(new RegExp(`--${option}\\b`))
  })
})
