import { expect, it } from 'vitest'
import { applicationArguments } from '../commands.mjs'

it.each([
  [[], ['start']],
  [
    ['--rate', '5'],
    ['start', '--rate', '5'],
  ],
  [
    ['replay', 'f'],
    ['replay', 'f'],
  ],
  [['--help'], ['--help']],
  [['-h'], ['-h']],
  [['--version'], ['--version']],
  [['-'], ['start', '-']],
])('understands the arguments %j as %j', (given, understood) => {
  expect(applicationArguments(given)).toEqual(understood)
})
