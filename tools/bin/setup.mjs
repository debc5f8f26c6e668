import { join } from 'node:path'
import { bootDir, pinnedNode, root } from './environment.mjs'
import { install } from './install.mjs'
import { SetupLock } from './setup-lock.mjs'

/**
 * @typedef {object} Setup what a command needs before it can run
 * @property {import('./install.mjs').Scope} scope
 * @property {readonly string[]} tasks turbo tasks, with filters
 */

/**
 * Brings the checkout to where a command can run: dependencies installed, packages built. Repeats nothing that is unchanged.
 *
 * One set-up at a time: a second launcher in the same checkout waits, and then finds everything done.
 *
 * @param {import('./supervisor.mjs').Supervisor} supervisor
 * @param {Setup} setup
 */
export async function setUp(supervisor, { scope, tasks }) {
  const lock = new SetupLock(join(bootDir, 'queue'), supervisor.pids)
  const onWait = (/** @type {string} */ holder) => {
    console.error(`disruptorx: waiting for another set-up of this checkout (process ${Number.parseInt(holder, 10)})`)
  }
  await lock.acquire({ signal: supervisor.signal, onWait })
  try {
    await install(supervisor, scope)
    if (tasks.length > 0) await build(supervisor, tasks)
  } finally {
    lock.release()
  }
}

/**
 * Builds what changed. Says so only when there is something to do, and shows the build's own words only when it fails.
 *
 * @param {import('./supervisor.mjs').Supervisor} supervisor
 * @param {readonly string[]} tasks
 */
async function build(supervisor, tasks) {
  const turbo = join(root, 'node_modules/turbo/bin/turbo')
  const args = [turbo, 'run', ...tasks, '--ui=stream', '--output-logs=errors-only', '--log-order=grouped']
  let output = ''
  const soon = setTimeout(() => console.error('disruptorx: building what changed'), 1000)
  const onOutput = (/** @type {string} */ text) => {
    output += text
  }
  const { code } = await supervisor.run(pinnedNode, args, { pinned: true, onOutput }).finally(() => clearTimeout(soon))
  supervisor.signal.throwIfAborted()
  if (code === 0) return
  process.stderr.write(output)
  throw new Error('the build failed; see above')
}
