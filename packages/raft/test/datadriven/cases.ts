/** A command of a scenario file: `name key key=value key=(value,value)`, lines of input, and what it is to print. */
export interface Case {
  readonly line: number
  readonly command: string
  readonly args: readonly Argument[]
  readonly input: string
  readonly expected: string
}

/** A word of a command, with its values if it has any. */
export interface Argument {
  readonly key: string
  readonly values: readonly string[]
}

/**
 * Reads a scenario file: commands with `----` behind them, then what they print up to an empty line. Lines that begin with `#` between commands are comments.
 * The format is that of the Go package datadriven, in which the scenarios of etcd's raft are written.
 */
export function parseCases(text: string): Case[] {
  const lines = text.split('\n')
  const cases: Case[] = []
  for (let i = 0; i < lines.length; ) {
    if (/^\s*(#|$)/.test(lines[i] ?? '')) {
      i++
      continue
    }
    const line = i + 1
    const end = lines.indexOf('----', i)
    if (end < 0) throw new Error(`line ${line}: no ---- after the command`)
    const [command = '', ...words] = splitWords(lines[i] ?? '')
    const input = lines.slice(i + 1, end).join('\n')
    let after = end + 1
    while (after < lines.length && lines[after] !== '') after++
    cases.push({ line, command, args: words.map(parseArgument), input, expected: lines.slice(end + 1, after).join('\n') })
    i = after
  }
  return cases
}

/** Words between spaces that are not inside of brackets. */
function splitWords(line: string): string[] {
  return line.match(/(?:[^\s(]|\([^)]*\))+/g) ?? []
}

function parseArgument(word: string): Argument {
  const [, key = word, list, single] = /^([^=]+)=(?:\(([^)]*)\)|(.*))$/.exec(word) ?? []
  if (list !== undefined) return { key, values: list.split(/[\s,]+/).filter(value => value !== '') }
  return { key, values: single === undefined ? [] : [single] }
}

/** The values of a key; nothing when it is not there. */
export function valuesOf(args: readonly Argument[], key: string): readonly string[] {
  return args.find(arg => arg.key === key)?.values ?? []
}

/** The words without values, as numbers. */
export function numbersOf(args: readonly Argument[]): number[] {
  return args.filter(({ values }) => values.length === 0).map(({ key }) => Number(key))
}
