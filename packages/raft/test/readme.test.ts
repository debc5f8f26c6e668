import { readmeExamples } from '@disruptorx/testkit'
import { expect, it } from 'vitest'

const examples = readmeExamples(new URL('../README.md', import.meta.url)).map(example => [example.title, example] as const)

it('has an example for each use', () => {
  expect(examples.map(([title]) => title)).toEqual([
    '@disruptorx/raft',
    'Snapshots and restarts',
    'Members come and go',
    'Storage beside everything else',
  ])
})

it.each(examples)('the example of %s prints what it says', async (_, { run, promised }) => {
  expect(await run()).toEqual(promised)
})
