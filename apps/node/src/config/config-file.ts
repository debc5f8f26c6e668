import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { UsageError } from '../cli/errors.ts'
import { type CommandName, commandSettings, type SettingName, type SettingValues, settings } from './settings.ts'

/** The file that is read when no other is named, if it is there. */
export const DEFAULT_CONFIG_FILE = 'disruptorx.config.json'
const MOST_BYTES = 1_048_576

/** A configuration file: settings for all commands, and a section for each command that wins over them. */
export type ConfigFile = SettingValues & { readonly [K in CommandName]?: SettingValues }

const optional = (names: readonly SettingName[]) => Object.fromEntries(names.map(name => [name, settings[name].schema.optional()]))
const sections = Object.fromEntries(
  Object.entries(commandSettings).map(([command, names]) => [command, z.strictObject(optional(names)).optional()]),
)
const schema = z.strictObject({
  $schema: z.string().optional(),
  ...optional(Object.keys(settings) as SettingName[]),
  ...sections,
})

/**
 * Reads the configuration file: the named one, which must exist, or the default one, which may be missing. Paths in it count from its own directory.
 *
 * @throws {UsageError} names the file, the key and what it must be
 */
export function readConfigFile(named: string | undefined, cwd: string): ConfigFile {
  const path = resolve(cwd, named ?? DEFAULT_CONFIG_FILE)
  if (named === undefined && !existsSync(path)) return {}
  const shown = named ?? DEFAULT_CONFIG_FILE
  const result = schema.safeParse(parsed(path, shown))
  if (!result.success) throw new UsageError(`configuration file ${shown}: ${problem(result.error.issues[0])}`, { file: path })
  return withPathsFrom(result.data as ConfigFile, dirname(path))
}

function parsed(path: string, shown: string): unknown {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new UsageError(`configuration file ${shown}: ${meaningOf(systemCode(error) ?? String(error))}`, { file: path })
  }
  if (bytes.length > MOST_BYTES) throw new UsageError(`configuration file ${shown} is larger than 1 MiB`, { file: path })
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new UsageError(`configuration file ${shown} is not JSON: ${(error as Error).message}`, { file: path })
  }
}

/** Says in one sentence what the first problem is. */
function problem(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'not valid'
  const at = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map(key => `'${key}'`).join(', ')
    const known = at in commandSettings ? commandSettings[at as CommandName] : [...Object.keys(settings), ...Object.keys(commandSettings)]
    return `unknown key ${names}${at === '' ? '' : ` in '${at}'`}; known are ${known.join(', ')}`
  }
  if (at === '') return 'must hold one JSON object'
  const name = issue.path[issue.path.length - 1] as string
  if (!Object.hasOwn(settings, name)) return `'${at}' must be an object of settings`
  return `'${at}' must be ${settings[name as SettingName].allowed}`
}

function withPathsFrom(file: ConfigFile, directory: string): ConfigFile {
  const absolute = <T extends { dataDir?: string }>(values: T): T =>
    values.dataDir === undefined ? values : { ...values, dataDir: resolve(directory, values.dataDir) }
  const result: Record<string, unknown> = absolute(file)
  for (const command of Object.keys(commandSettings) as CommandName[]) {
    const section = file[command]
    if (section !== undefined) result[command] = absolute(section as { dataDir?: string })
  }
  return result as ConfigFile
}
