import { z } from 'zod'

/** How a setting is told as text, in a flag or in the environment. */
type TextKind = 'text' | 'number' | 'boolean'

interface Setting<T> {
  /** Name of its environment variable. */
  readonly env: string
  /** What its values are checked against, wherever they come from. */
  readonly schema: z.ZodType<T>
  /** How a text becomes a value. */
  readonly kind: TextKind
  /** Ends the sentence "it must be ...". */
  readonly allowed: string
}

function text(env: string, allowed: string): Setting<string> {
  return { env, schema: z.string().min(1), kind: 'text', allowed }
}

function whole(env: string, least: number, most: number): Setting<number> {
  const grouped = (value: number) => value.toLocaleString('en-US')
  return { env, schema: z.int().min(least).max(most), kind: 'number', allowed: `a whole number from ${grouped(least)} to ${grouped(most)}` }
}

function seconds(env: string, least: number, most: number): Setting<number> {
  const allowed = `a number of seconds from ${least} to ${most.toLocaleString('en-US')}`
  return { env, schema: z.number().min(least).max(most), kind: 'number', allowed }
}

function yesOrNo(env: string): Setting<boolean> {
  return { env, schema: z.boolean(), kind: 'boolean', allowed: 'true or false' }
}

function oneOf<const T extends string>(env: string, words: readonly [T, ...T[]]): Setting<T> {
  return { env, schema: z.enum(words) as unknown as z.ZodType<T>, kind: 'text', allowed: `one of ${words.join(', ')}` }
}

/** Every setting that a flag, an environment variable and the configuration file can give. A flag has the same name, with hyphens. */
export const settings = {
  dataDir: text('DISRUPTORX_DATA_DIR', 'a directory'),
  durability: oneOf('DISRUPTORX_DURABILITY', ['fsync', 'interval', 'none']),
  duration: seconds('DISRUPTORX_DURATION', 0.1, 31_536_000),
  intervalMs: whole('DISRUPTORX_INTERVAL_MS', 1, 60_000),
  json: yesOrNo('DISRUPTORX_JSON'),
  lines: whole('DISRUPTORX_LINES', 1, 1_000_000_000),
  port: whole('DISRUPTORX_PORT', 0, 65_535),
  progressLines: whole('DISRUPTORX_PROGRESS_LINES', 1, 1_000_000_000),
  rate: whole('DISRUPTORX_RATE', 1, 1_000_000),
  seed: whole('DISRUPTORX_SEED', 0, Number.MAX_SAFE_INTEGER),
} as const

/** A setting's name: its key in the configuration file. */
export type SettingName = keyof typeof settings

/** Values of settings; what was not given is missing. */
export type SettingValues = { [K in SettingName]?: z.infer<(typeof settings)[K]['schema']> }

/** The settings that each command takes. */
export const commandSettings = {
  start: ['dataDir', 'durability', 'duration', 'intervalMs', 'json', 'port', 'rate', 'seed'],
  replay: ['dataDir', 'durability', 'intervalMs', 'json', 'progressLines', 'rate'],
  doctor: ['dataDir', 'json'],
  generate: ['lines', 'seed'],
} as const satisfies Record<string, readonly SettingName[]>

/** A command that takes settings. */
export type CommandName = keyof typeof commandSettings

/** The flag of a setting: `dataDir` is `--data-dir`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
