import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootDir, pinnedNode, root } from './environment.mjs'

/** @typedef {import('./supervisor.mjs').Supervisor} Supervisor */
/** @typedef {'pinned' | 'all'} Scope `pinned` leaves out the other Nodes of the compatibility runs */

const stateFile = join(bootDir, 'installed.json')
const startedFile = join(bootDir, 'installing')

/** Workspace projects that only compatibility runs need, each a Node of some 100 MB. */
const compatibility = ['@disruptorx/node22', '@disruptorx/node26']

/** Folders of the workspace, its root included as the empty name. */
function workspaceFolders() {
  const groups = ['packages', 'apps', 'tools'].filter(group => existsSync(join(root, group)))
  const children = groups.flatMap(group =>
    readdirSync(join(root, group), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => `${group}/${entry.name}`),
  )
  return ['', 'tools', ...children.sort()]
}

/** Every file that decides what gets installed. */
function manifests() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...workspaceFolders().map(folder => join(folder, 'package.json'))]
  return files.filter(file => existsSync(join(root, file)))
}

/** Hash of all that decides what gets installed, on this kind of machine. */
function wantedHash() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${root}\n`)
  for (const file of manifests())
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(root, file)))
      .update('\n')
  return hash.digest('hex')
}

/** @param {string} hash @param {Scope} scope */
function isInstalled(hash, scope) {
  try {
    const state = JSON.parse(readFileSync(stateFile, 'utf8'))
    return state.hash === hash && (state.scope === 'all' || state.scope === scope) && !existsSync(startedFile) && existsSync(pinnedNode)
  } catch {
    return false
  }
}

/** What was being installed when the last install was cut short may be half there and look whole: it goes. */
function removeModules() {
  for (const folder of workspaceFolders()) rmSync(join(root, folder, 'node_modules'), { recursive: true, force: true })
}

/**
 * The package manager, in a directory of ours: npx keeps what a killed run left half-installed, and trips over it the next time.
 *
 * @param {Supervisor} supervisor
 * @returns {Promise<string>} its executable
 */
async function packageManager(supervisor) {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  const dir = join(bootDir, wanted.replace('@', '-'))
  const executable = join(dir, 'node_modules/.bin/pnpm')
  if (existsSync(executable)) return executable
  const partial = `${dir}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(join(partial, 'package.json'), '{ "private": true }\n')
  const args = [
    'install',
    '--prefix',
    partial,
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--ignore-scripts=false',
    '--loglevel=error',
    wanted,
  ]
  const { code } = await supervisor.run('npm', args, { pinned: false, toStderr: true, cwd: partial })
  supervisor.signal.throwIfAborted()
  if (code !== 0) throw new Error(`npm could not install ${wanted}; see above`)
  rmSync(dir, { recursive: true, force: true })
  renameSync(partial, dir)
  return executable
}

/**
 * Installs what the lockfile names, unless exactly that is installed already.
 *
 * @param {Supervisor} supervisor
 * @param {Scope} scope
 */
export async function install(supervisor, scope) {
  const hash = wantedHash()
  if (isInstalled(hash, scope)) return
  console.error('disruptorx: installing dependencies')
  const pnpm = await packageManager(supervisor)
  mkdirSync(bootDir, { recursive: true })
  if (existsSync(startedFile)) removeModules()
  writeFileSync(startedFile, '')
  const filters = scope === 'all' ? [] : compatibility.flatMap(name => ['--filter', `!${name}`])
  const args = ['install', '--frozen-lockfile', ...filters]
  const { code } = await supervisor.run(pnpm, args, { pinned: false, toStderr: true, env: { CI: 'true' } })
  supervisor.signal.throwIfAborted()
  if (code !== 0) throw new Error('the dependencies could not be installed; see above. The next start tries again')
  if (!existsSync(pinnedNode)) throw new Error(`the install left no Node at ${pinnedNode}; check that npm may run install scripts`)
  writeFileSync(`${stateFile}.new`, `${JSON.stringify({ hash, scope })}\n`)
  renameSync(`${stateFile}.new`, stateFile)
  rmSync(startedFile)
}
