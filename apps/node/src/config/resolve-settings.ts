import { UsageError } from '../cli/errors.ts'
import type { ConfigFile } from './config-file.ts'
import { type CommandName, commandSettings, flagOf, type SettingName, type SettingValues, settings } from './settings.ts'

/** Where settings come from, the later winning: file, environment, flags. */
export interface SettingSources {
  readonly file: ConfigFile
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the command line gave, by setting name: texts, or true for a flag without value. */
  readonly flags: Readonly<Record<string, unknown>>
}

/**
 * The settings of a command: its own section of the file over the file's top level, the environment over both, flags over all.
 *
 * @throws {UsageError} names the flag or variable, its value and what it must be
 */
export function resolveSettings(command: CommandName, sources: SettingSources): SettingValues {
  const section = sources.file[command] ?? {}
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of commandSettings[command] as readonly SettingName[]) {
    const { env } = settings[name]
    const flag = sources.flags[name]
    const variable = sources.env[env]
    if (flag !== undefined) values[name] = checked(name, flag, flagOf(name))
    else if (variable !== undefined && variable !== '') values[name] = checked(name, variable, env)
    else if (section[name] !== undefined) values[name] = section[name]
    else if (sources.file[name] !== undefined) values[name] = sources.file[name]
  }
  return values as SettingValues
}

function checked(name: SettingName, given: unknown, origin: string): unknown {
  const setting = settings[name]
  const value = typeof given === 'string' ? fromText(given, setting.kind) : given
  const result = setting.schema.safeParse(value)
  if (!result.success) throw new UsageError(`${origin} is '${String(given)}'; it must be ${setting.allowed}`, { option: origin })
  return result.data
}

/** The value that a text stands for; the text itself where it stands for none, which the schema then refuses. */
function fromText(given: string, kind: 'text' | 'number' | 'boolean'): unknown {
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given
  if (kind === 'boolean') return ({ true: true, '1': true, false: false, '0': false } as Record<string, boolean>)[given] ?? given
  return given
}
