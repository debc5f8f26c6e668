import { expect, it } from 'vitest'
import { scratchPackage } from '../../verify/test/scratch.ts'
import { choose } from '../choose.ts'
import { readCommand, UsageError } from '../command-line.ts'

const bugList = `export default [{ name: 'of-x', scenarios: ['x'] }, { name: 'of-both' }]`
const files = { 'test/sim/x.scenario.ts': '', 'test/sim/y.scenario.ts': '' }

/** What a command line is about, in a checkout with the scenarios x and y and these files. */
async function chosenBy(line: string, more: Record<string, string> = { 'test/sim/x.bugs.ts': bugList }) {
  const command = readCommand(line.split(' '))
  if (command.kind === 'help') throw new Error('it asks for help')
  const { scenarios, bugs } = await choose(scratchPackage('packages/a', { ...files, ...more }), command)
  return [scenarios.map(({ name }) => name), bugs.map(({ bug, scenarios }) => [bug.name, ...scenarios.map(({ name }) => name)])]
}

it('a command is about the scenarios it names, and the bugs that they can find', async () => {
  const [ofX, ofBoth] = [
    ['of-x', 'x'],
    ['of-both', 'x', 'y'],
  ]
  expect(await chosenBy('--bugs')).toEqual([
    ['x', 'y'],
    [ofX, ofBoth],
  ])
  expect(await chosenBy('--list --scenario y')).toEqual([['y'], [['of-both', 'y']]])
  expect(await chosenBy('--bug of-x')).toEqual([['x', 'y'], [ofX]])
  expect(await chosenBy('--bug a/of-both --seed 3')).toEqual([['x', 'y'], [ofBoth]])
})

it('a command that runs seeds of the true code is about no bugs, and looks at no list of them', async () => {
  expect(await chosenBy('--scenario x', { 'test/sim/x.bugs.ts': 'export default 7' })).toEqual([['x'], []])
})

it.each([
  ['--scenario z', "unknown scenario 'z'; scenarios are a/x, a/y"],
  ['--bug of-z', "unknown bug 'of-z'"],
  ['--bug of-x --scenario y', "none of these scenarios can find the bug 'of-x': a/y"],
  ['--bugs --bug of-x --scenario y', "none of these scenarios can find the bug 'of-x': a/y"],
  ['--bugs --bug of-both --bug of-x --scenario y', "none of these scenarios can find the bug 'of-x': a/y"],
])('a command that names what is not there is refused: %s', async (line, message) => {
  const error: unknown = await chosenBy(line).catch(reason => reason)
  expect(error).toBeInstanceOf(UsageError)
  expect(String(error)).toContain(message)
})

it('a hunt that has nothing to hunt is refused', async () => {
  await expect(chosenBy('--bugs', {})).rejects.toThrow('there are no bugs to hunt with these scenarios: a/x, a/y')
  const ofX = { 'test/sim/x.bugs.ts': `export default [{ name: 'of-x', scenarios: ['x'] }]` }
  await expect(chosenBy('--bugs --scenario y', ofX)).rejects.toThrow('there are no bugs to hunt with these scenarios: a/y')
  expect(await chosenBy('--list', {})).toEqual([['x', 'y'], []])
})
