import { commands, scriptPath } from './commands.mjs'
import { pinnedNode } from './environment.mjs'
import { setUp } from './setup.mjs'
import { Stopped, Supervisor } from './supervisor.mjs'

/** @returns {string} */
function usage() {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  return ['usage: node tools/bin/boot.mjs COMMAND [arguments]', '', ...lines].join('\n')
}

/**
 * Ends the launcher as its command ended: with the same code, or by the same signal.
 *
 * @param {import('./supervisor.mjs').Exit} exit
 */
function leave({ code, signal }) {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // A signal that this process ignores, or that has no default action, must not keep it here.
  setTimeout(() => process.exit(1), 1000)
}

/** @param {import('./commands.mjs').Command} command @param {string[]} args @param {Supervisor} supervisor */
async function runCommand(command, args, supervisor) {
  try {
    await setUp(supervisor, command.setup)
    return await supervisor.run(pinnedNode, [scriptPath(command), ...command.args(args)], { pinned: true, ...command.run })
  } catch (error) {
    if (error instanceof Stopped) return { code: null, signal: error.signal }
    console.error(`disruptorx: ${error instanceof Error ? error.message : error}`)
    return { code: 1, signal: null }
  }
}

/**
 * Sets the checkout up and runs a command on the pinned Node.
 *
 * @param {string[]} argv the command and its arguments
 */
export async function main([name = '', ...args]) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    console.error(`disruptorx: ${name === '' ? 'no command' : `unknown command '${name}'`}\n${usage()}`)
    process.exit(2)
  }
  // Whoever reads our messages may go away first.
  process.stderr.on('error', () => {})
  const supervisor = new Supervisor()
  const exit = await runCommand(command, args, supervisor)
  await supervisor.close()
  leave(exit)
}
