import { existsSync } from 'node:fs'
import { delimiter, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Where the launcher keeps its own state: never in git, removable at any time. */
export const bootDir = join(root, '.boot')

/** The pinned Node of this checkout, once installed. */
export const pinnedNode = join(root, 'node_modules/node/bin/node')

/** Environment variable that marks every process below a launcher. A nested launcher adds its own mark to the list. */
export const markVariable = 'DISRUPTORX_BOOT'

/** What an npm that starts us says about itself. Passed on, it would make children use that npm's Node, prefix and script names. */
const leaked = /^(NODE|NODE_PATH|INIT_CWD|npm_(execpath|node_execpath|command|lifecycle_.*|package_.*))$/
const leakedConfig = /^npm_config_(prefix|local_prefix|global_prefix|user_agent|node_gyp|npm_version|init_module|globalconfig)$/

/**
 * Environment of the launcher's children.
 *
 * @param {NodeJS.ProcessEnv} base environment of the launcher
 * @param {{ mark: string, pinned: boolean }} options `mark` names this launcher; `pinned` puts the checkout's executables, Node included,
 * first on PATH, and is false while they are being installed
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnvironment(base, { mark, pinned }) {
  /** @type {NodeJS.ProcessEnv} */
  const env = {}
  for (const [name, value] of Object.entries(base)) {
    if (!leaked.test(name) && !leakedConfig.test(name)) env[name] = value
  }
  const path = (base.PATH ?? '').split(delimiter).filter(entry => entry !== '' && !entry.startsWith(join(root, 'node_modules') + sep))
  if (pinned) path.unshift(join(root, 'node_modules/.bin'))
  else path.push(dirname(process.execPath))
  env.PATH = path.join(delimiter)
  env[markVariable] = base[markVariable] ? `${base[markVariable]},${mark}` : mark
  env.TURBO_TELEMETRY_DISABLED = '1'
  env.TURBO_NO_UPDATE_NOTIFIER = '1'
  return env
}

/**
 * Directory against which the user's relative paths resolve: where they ran npm, which itself runs scripts in the root.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function userDirectory(env) {
  const from = env.INIT_CWD
  return process.cwd() === root && from !== undefined && existsSync(from) ? from : process.cwd()
}
