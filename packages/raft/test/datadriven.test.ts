import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseCases } from './datadriven/cases.ts'
import { ConfChanges } from './datadriven/conf-changes.ts'
import { Interaction } from './datadriven/interaction.ts'
import { type Player, play, scenariosIn } from './datadriven/play.ts'
import { Quorums } from './datadriven/quorums.ts'

const players: Readonly<Record<string, () => Player>> = {
  interaction: () => new Interaction(),
  quorums: () => new Quorums(),
  'conf-changes': () => new ConfChanges(),
}

const dir = join(import.meta.dirname, 'datadriven/scenarios')

describe.each(Object.entries(players))('the %s scenario', (folder, make) => {
  it.each(scenariosIn(join(dir, folder)).map(file => [basename(file, '.txt'), file]))('%s goes as written', (_name, file) => {
    expect(play(file, make())).toEqual([])
  })
})

describe('a scenario file', () => {
  it('is read with comments, input, values and empty lines', () => {
    const text = '# why\n\nadd 3 voters=(1,2) index=4\nline one\nline two\n----\nout 1\nout 2\n\n\nnext\n----\n'
    expect(parseCases(text)).toEqual([
      {
        line: 3,
        command: 'add',
        args: [
          { key: '3', values: [] },
          { key: 'voters', values: ['1', '2'] },
          { key: 'index', values: ['4'] },
        ],
        input: 'line one\nline two',
        expected: 'out 1\nout 2',
      },
      { line: 11, command: 'next', args: [], input: '', expected: '' },
    ])
  })

  it('is not read past a command that has no output', () => {
    expect(() => parseCases('add\n')).toThrow('line 1')
  })
})
