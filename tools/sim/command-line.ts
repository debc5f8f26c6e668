import { parseArgs } from 'node:util'
import type { HuntOptions } from './bugs.ts'
import type { SeedLimits } from './seeds.ts'

/** How the command is written. */
export const synopsis = `usage: npm run sim -- [--scenario NAME]... [--seeds N] [--minutes M] [--first SEED] [--processes P] [--bug BUG]
       npm run sim -- --scenario NAME --seed SEED [--trace] [--bug BUG]
       npm run sim -- --bugs [--bug BUG]... [--scenario NAME]... [--seeds N] [--first SEED] [--processes P]
       npm run sim -- --list [--scenario NAME]...
       npm run sim -- --help`

/** All that the command can do. */
export const usage = `${synopsis}

Runs simulated worlds, seed after seed, on all cores: packages/*/test/sim/*.scenario.ts. Without a name: all of them.

  --scenario   PACKAGE/NAME, NAME, or PACKAGE/ for all of a package
  --seeds      seeds of each scenario, from 1; 1,000 unless a time is given
  --minutes    time for all of it, shared out among the scenarios; each of them runs some seeds, however short it is
  --first      the first seed; 1 unless given
  --seed       runs this seed alone; with --trace, prints all that happened
  --bug        runs against a copy of the package with this planted bug in it
  --bugs       hunts every planted bug, or those named, with at most N seeds, and prints how many it took
  --processes  processes to run on, from 1 to 256; one for each core unless given
  --list       names scenarios and bugs

Ends with 0 when all is right (with --bugs: when every bug is found, and the code without it is right), with 1 when it is not, with 2 when
the command line is wrong.`

/** The command line is wrong. */
export class UsageError extends Error {}

/** Scenarios and bugs that were named. */
export interface Words {
  readonly scenarios: readonly string[]
  readonly bugs: readonly string[]
}

/** What is asked for. */
export type Command =
  | { readonly kind: 'help' }
  | ({ readonly kind: 'list' } & Words)
  | ({ readonly kind: 'hunt'; readonly options: HuntOptions } & Words)
  | ({ readonly kind: 'seed'; readonly seed: number; readonly trace: boolean } & Words)
  | ({ readonly kind: 'seeds'; readonly limits: SeedLimits } & Words)

const options = {
  scenario: { type: 'string', multiple: true },
  seeds: { type: 'string' },
  minutes: { type: 'string' },
  first: { type: 'string' },
  processes: { type: 'string' },
  seed: { type: 'string' },
  trace: { type: 'boolean' },
  bug: { type: 'string', multiple: true },
  bugs: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/** Whole numbers, each from its least to its most. */
const ranges = { seeds: [1, 2 ** 52], first: [0, 2 ** 52], seed: [0, Number.MAX_SAFE_INTEGER], processes: [1, 256] } as const

/** What decides what is done, and the options that go with it beside `--scenario` and `--bug`. */
const modes = [
  { name: 'list', does: 'names scenarios and bugs', takes: [] },
  { name: 'bugs', does: 'hunts planted bugs', takes: ['seeds', 'first', 'processes'] },
  { name: 'seed', does: 'runs one seed alone', takes: ['trace'] },
] as const

/**
 * Reads a command line.
 *
 * @throws {UsageError}
 */
export function readCommand(args: readonly string[]): Command {
  const values = parse(args)
  if (values.help) return { kind: 'help' }
  for (const mode of modes) if (values[mode.name] !== undefined) checkCompanions(values, mode)
  const words = { scenarios: values.scenario ?? [], bugs: values.bug ?? [] }
  if (values.list) return { kind: 'list', ...words }
  const [seed, seeds, first, processes] = (['seed', 'seeds', 'first', 'processes'] as const).map(name => wholeNumberOf(name, values[name]))
  if (seed !== undefined) return { kind: 'seed', ...words, seed, trace: values.trace === true }
  if (values.trace) throw new UsageError('--trace wants one seed: name it with --seed')
  const shared = { ...(first !== undefined && { firstSeed: first }), ...(processes !== undefined && { processes }) }
  if (values.bugs) return { kind: 'hunt', ...words, options: { ...shared, seeds: seeds ?? 1_000 } }
  const maxMs = milliseconds(values.minutes)
  return { kind: 'seeds', ...words, limits: { ...shared, ...(seeds !== undefined && { seeds }), ...(maxMs !== undefined && { maxMs }) } }
}

function parse(args: readonly string[]): Values {
  const joined: string[] = []
  for (const arg of args) {
    const before = joined.at(-1)
    // A number below 0 is a wrong value, and no option before which somebody forgot a value.
    if (/^-\d/.test(arg) && before?.startsWith('--')) joined[joined.length - 1] = `${before}=${arg}`
    else joined.push(arg)
  }
  try {
    const { values, positionals } = parseArgs({ args: joined, options, allowPositionals: true })
    const [word] = positionals
    if (word === undefined) return values
    throw new UsageError(`'${word}' stands alone; a scenario is named with --scenario ${word}`)
  } catch (error) {
    const isOfParser = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    throw isOfParser ? new UsageError(error.message) : error
  }
}

function checkCompanions(values: Values, { name, does, takes }: (typeof modes)[number]): void {
  const allowed: readonly string[] = [name, 'scenario', 'bug', ...takes]
  const other = Object.keys(values).find(given => !allowed.includes(given))
  if (other !== undefined) throw new UsageError(`--${other} does not go with --${name}, which ${does}`)
}

function wholeNumberOf(name: keyof typeof ranges, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [least, most] = ranges[name]
  if (!/^\d+$/.test(text) || Number(text) < least || Number(text) > most)
    throw new UsageError(`--${name} is '${text}'; it must be a whole number from ${least} to ${most}`)
  return Number(text)
}

function milliseconds(minutes: string | undefined): number | undefined {
  if (minutes === undefined) return undefined
  const value = Number(minutes)
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new UsageError(`--minutes is '${minutes}'; it must be a number above 0, such as 0.5`)
  return value * 60_000
}
