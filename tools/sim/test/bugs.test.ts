import { describe, expect, it } from 'vitest'
import { huntAll } from '../bugs.ts'
import type { BugEntry } from '../find.ts'
import type { Testkit } from '../testkit.ts'
import { fakeTestkit, ran, scenarioNamed } from './fake-testkit.ts'

function bugNamed(name: string, ...scenarios: string[]): BugEntry {
  return { id: `p/${name}`, bug: { name, file: 'src/a.ts', find: 'a', replace: 'b' }, scenarios: scenarios.map(scenarioNamed) }
}

async function hunt(testkit: Testkit, ...bugs: BugEntry[]) {
  const lines: string[] = []
  const right = await huntAll(testkit, bugs, { seeds: 9 }, line => lines.push(line))
  return { right, lines }
}

const isCopy = (file: string) => file.startsWith('/copy')

describe('a hunt', () => {
  it('tries the scenarios of a bug until one finds it, and then the true code on as many seeds', async () => {
    const testkit = fakeTestkit(({ file, name }) =>
      isCopy(file) && name === 'p/y' ? ran(4, { seed: 4, message: 'wrong\nby far' }) : ran(9),
    )
    expect(await hunt(testkit, bugNamed('one', 'x', 'y', 'z'))).toEqual({
      right: true,
      lines: [
        'bug    seeds  found by',
        'p/one      4  p/y: seed 4: wrong',
        'sim: p/y: the true code is right with the same 4 seeds',
        'sim: 1 of 1 planted bugs found',
      ],
    })
    expect(testkit.asked.map(({ file, seeds }) => [file, seeds])).toEqual([
      ['/copy of one/test/sim/x.scenario.ts', 9],
      ['/copy of one/test/sim/y.scenario.ts', 9],
      ['/p/test/sim/y.scenario.ts', 4],
    ])
  })

  it('goes on where a bug breaks a scenario or does not fit its source, and names what it has not found', async () => {
    const testkit = fakeTestkit(({ file, name }) => {
      if (file.includes('breaks') && name === 'p/x') return new Error('its process died\nout of memory')
      return file.includes('misses') || !isCopy(file) ? ran(9) : ran(2, { seed: 2, message: 'wrong' })
    })
    const plantBug: Testkit['plantBug'] = (dir, bug) => {
      if (bug.name === 'fits-not') throw new Error('there is no such file')
      return testkit.plantBug(dir, bug)
    }
    const bugs = [bugNamed('breaks', 'x'), bugNamed('breaks-x', 'x', 'y'), bugNamed('fits-not', 'x'), bugNamed('misses', 'x')]
    expect(await hunt({ ...testkit, plantBug }, ...bugs)).toEqual({
      right: false,
      lines: [
        expect.stringMatching(/^bug/),
        'p/breaks        0  BROKEN: its process died',
        'p/breaks-x      2  p/y: seed 2: wrong',
        'p/fits-not      0  BROKEN: there is no such file',
        'p/misses        9  NOT FOUND',
        'sim: p/y: the true code is right with the same 2 seeds',
        'sim: 1 of 4 planted bugs found; not p/breaks, p/fits-not, p/misses',
      ],
    })
  })

  it('takes no bug for found whose text names what does not exist', async () => {
    const testkit = fakeTestkit(({ file }) =>
      isCopy(file) ? ran(1, { seed: 1, message: 'n1: syncedLsm is not defined (error; seed 1)' }) : ran(1),
    )
    const { right, lines } = await hunt(testkit, bugNamed('one', 'x'))
    expect(right).toBe(false)
    expect(lines.slice(1)).toEqual([
      'p/one      0  BROKEN: its text is wrong: n1: syncedLsm is not defined (error; seed 1)',
      'sim: 0 of 1 planted bugs found; not p/one',
    ])
  })

  it.each([
    ['fails', ran(1, { seed: 1, message: 'wrong' }), 'report of seed 1'],
    ['cannot be run', new Error('it hangs'), 'sim: p/x: the true code is broken: it hangs'],
  ])('is not right where the true code %s on those seeds', async (_, outcome, said) => {
    const testkit = fakeTestkit(({ file }) => (isCopy(file) ? ran(1, { seed: 1, message: 'wrong' }) : outcome))
    const { right, lines } = await hunt(testkit, bugNamed('one', 'x'))
    expect(right).toBe(false)
    expect(lines.slice(-2)).toEqual([said, 'sim: 1 of 1 planted bugs found; the true code is not right'])
  })
})
