import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scratch, scratchPackage } from '../../verify/test/scratch.ts'
import { repository } from '../../verify/workspace.ts'
import { BugListError, chooseScenarios, findBugs, findScenarios } from '../find.ts'

/** Runs the command as the launcher does. */
function sim(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(repository, 'tools/sim/main.ts'), ...args], {
    encoding: 'utf8',
    cwd: repository,
  })
  return { status, stdout, stderr, lines: stdout.trimEnd().split('\n') }
}

const bugList = (...bugs: object[]) => `export default ${JSON.stringify(bugs)}`

describe('the scenarios of a checkout', () => {
  it('are found by the names of their files, and chosen by name, by package and name, or by package', () => {
    const root = scratchPackage('packages/a', {
      'test/sim/x.scenario.ts': '',
      'test/sim/y.scenario.ts': '',
      'test/sim/y.ts': '',
      'test/sim/deep/z.scenario.ts': '',
      'test/x.scenario.ts': '',
    })
    const all = findScenarios(root)
    expect(all.map(({ id, path }) => [id, path])).toEqual([
      ['a/x', 'test/sim/x.scenario.ts'],
      ['a/y', 'test/sim/y.scenario.ts'],
    ])
    const chosen = (...words: string[]) => chooseScenarios(all, words).chosen.map(({ name }) => name)
    expect([chosen(), chosen('x'), chosen('a/y'), chosen('a/'), chosen('x', 'y')]).toEqual([
      ['x', 'y'],
      ['x'],
      ['y'],
      ['x', 'y'],
      ['x', 'y'],
    ])
    expect(chooseScenarios(all, ['x', 'b/', 'z']).unknown).toEqual(['b/', 'z'])
  })

  it('have bugs, each for all scenarios of its package or for some', async () => {
    const bugs = bugList({ name: 'one' }, { name: 'two', scenarios: ['y'] })
    const root = scratchPackage('packages/a', { 'test/sim/x.scenario.ts': '', 'test/sim/y.scenario.ts': '', 'test/sim/x.bugs.ts': bugs })
    const found = await findBugs(root)
    expect(found.map(({ id, scenarios }) => [id, ...scenarios.map(({ name }) => name)])).toEqual([
      ['a/one', 'x', 'y'],
      ['a/two', 'y'],
    ])
  })

  it.each([
    ['export default 7', 'does not export a list'],
    [bugList({ name: 'one' }, { name: 'one' }), 'two bugs are named a/one'],
    [bugList({ name: 'one', scenarios: ['z'] }), 'the bug one names the scenario z'],
  ])('have bug lists that make sense: %s does not', async (text, message) => {
    const root = scratchPackage('packages/a', { 'test/sim/x.scenario.ts': '', 'test/sim/x.bugs.ts': text })
    const error: unknown = await findBugs(root).catch(reason => reason)
    expect(error).toBeInstanceOf(BugListError)
    expect(String(error)).toContain(message)
  })
})

describe('npm run sim', () => {
  it('lists scenarios and bugs', () => {
    const { status, lines } = sim('--list')
    expect(status).toBe(0)
    expect(lines).toContain('testkit/register')
    expect(lines).toContain('testkit/not-synced (a bug for register)')
  })

  it('runs seeds on several processes, and prints rate and coverage', () => {
    const { status, stdout } = sim('--scenario', 'testkit/register', '--seeds', '20')
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^sim: testkit\/register: 20 seeds in .* s: .* seeds\/s, .* events\/s, .* simulated\n {2}faults /),
    ])
    for (const kind of ['disk.lostWrites', 'nemesis.crash', 'network.cut', 'node.restarts', 'acknowledged']) expect(stdout).toContain(kind)
  })

  it('prints, for a run that fails, the seed, how to repeat it, its shortest prefix and its trace, and ends with 1; repeating it fails too', () => {
    const { status, lines } = sim('--scenario', 'register', '--bug', 'not-synced', '--seeds', '50')
    expect(status).toBe(1)
    const failure = lines.findIndex(line => line.includes('failed with seed'))
    expect(lines[failure]).toMatch(/has \d+, and \d+ was acknowledged/)
    expect(lines[failure + 2]).toMatch(/^shortest failing prefix: \d+ of \d+ events/)
    const tail = lines.slice(lines.findIndex(line => line.startsWith('the last 60 of')) + 1)
    expect(tail.map(line => /^[! ] +#\d+ +[\d.]+ ms {2}/.test(line))).toEqual(Array(60).fill(true))
    const [, repeat = ''] = /npm run sim -- (.*)$/.exec(lines[failure + 1] ?? '') ?? []
    const again = sim(...repeat.split(' '))
    expect([again.status, again.stdout]).toEqual([1, expect.stringMatching(/failed: .* has \d+, and \d+ was acknowledged/)])
  })

  it('prints the same trace for a seed, byte by byte', () => {
    const [first, second] = [
      sim('--scenario', 'register', '--seed', '3', '--trace'),
      sim('--scenario', 'register', '--seed', '3', '--trace'),
    ]
    expect([first.status, first.lines.length > 1_000]).toEqual([0, true])
    expect(first.stdout).toBe(second.stdout)
  })

  it('hunts planted bugs, tries the true code on the same seeds, and prints the table', () => {
    const { status, lines } = sim('--bugs', '--bug', 'not-synced', '--bug', 'testkit/directory-not-synced', '--seeds', '60')
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^testkit\/not-synced +\d+ {2}testkit\/register: .* was acknowledged/),
      expect.stringMatching(/^testkit\/directory-not-synced +\d+ {2}testkit\/register: /),
      expect.stringMatching(/^sim: testkit\/register: the true code is right with the same \d+ seeds$/),
      'sim: 2 of 2 planted bugs found',
    ])
    expect(status).toBe(0)
  })

  it('ends with 1 when a bug is not found', () => {
    const { status, stdout } = sim('--bugs', '--bug', 'opening-believes-the-cache', '--seeds', '1')
    expect([status, stdout]).toEqual([1, expect.stringContaining('NOT FOUND')])
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('says where it was when %s ends it, and leaves no copy of a package behind', async (signal, code) => {
    const TMPDIR = scratch({})
    const main = join(repository, 'tools/sim/main.ts')
    const child = spawn(process.execPath, [main, '--bugs', '--seeds', '1000000'], { cwd: repository, env: { ...process.env, TMPDIR } })
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // The head of the table: the first scenario is under way.
      if (output === '') child.kill(signal)
      output += text
    })
    const [exitCode] = await once(child, 'close')
    expect([exitCode, output]).toEqual([code, expect.stringMatching(/^sim: [a-z]+\/[a-z]+: stopped by SIG[A-Z]+, before the end$/m)])
    expect(readdirSync(TMPDIR)).toEqual([])
  })

  it.each([
    [['--scenario', 'nothing'], "unknown scenario 'nothing'; scenarios are "],
    [['--bug', 'nothing'], "unknown bug 'nothing'"],
    [['--bugs', '--bug', 'not-synced', '--scenario', 'wal/'], "none of these scenarios can find the bug 'not-synced': wal/damage"],
    [['--bug', 'not-synced', '--bug', 'one-slot-for-all'], 'testkit/not-synced, testkit/one-slot-for-all: several bugs'],
    [['--bug', 'short-write-taken-for-a-whole-one'], 'testkit/short-write-taken-for-a-whole-one, wal/short-write'],
    [['--scenario', 'wal/', '--seed', '3'], '--seed wants one scenario: name it with --scenario; these are wal/damage, wal/journal'],
    [['--seeds', '0'], "--seeds is '0'"],
  ])('ends with 2, and says how it is used, for %j', (args, message) => {
    const { status, stdout, stderr } = sim(...args)
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)])
    expect(stderr).toContain('usage: npm run sim')
  })
})
