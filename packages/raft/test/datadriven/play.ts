import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseCases } from './cases.ts'
import { Interaction } from './interaction.ts'

/** Something that does what the commands of one scenario say. */
export interface Player {
  run(command: ReturnType<typeof parseCases>[number]): string
}

/** A command whose output was not what its file says. */
export interface Difference {
  readonly where: string
  readonly expected: string
  readonly actual: string
}

/** Files of scenarios in a directory. */
export function scenariosIn(dir: string): string[] {
  return readdirSync(dir)
    .filter(name => name.endsWith('.txt'))
    .map(name => join(dir, name))
}

/** Plays a file of commands. What a program that has a logger would have logged is left out of what is expected. */
export function play(file: string, player: Player = new Interaction()): Difference[] {
  const differences: Difference[] = []
  for (const command of parseCases(readFileSync(file, 'utf8'))) {
    const where = `${basename(file)}:${command.line}`
    const expected = withoutLogging(command.expected) || 'ok'
    let actual: string
    try {
      actual = player.run(command)
    } catch (error) {
      return [...differences, { where, expected, actual: String(error instanceof Error ? error.stack : error) }]
    }
    if (actual !== expected) differences.push({ where, expected, actual })
  }
  return differences
}

function withoutLogging(text: string): string {
  return text
    .split('\n')
    .filter(line => !/^\s*(DEBUG|INFO|WARN|ERROR|FATAL) /.test(line))
    .join('\n')
}
