import { join } from 'node:path'
import { root, userDirectory } from './environment.mjs'

/**
 * @typedef {object} Command
 * @property {string} summary
 * @property {import('./setup.mjs').Setup} setup
 * @property {string} script what the pinned Node runs, from the root
 * @property {(args: string[]) => string[]} args arguments of the script, from those of the user
 * @property {Partial<import('./supervisor.mjs').RunOptions>} [run]
 */

/** Flags that the application answers itself, without a command before them. */
const answers = new Set(['--help', '-h', '--version', '-V'])

/**
 * The application's arguments: without a command of its own, the user means `start`.
 *
 * @param {string[]} args
 * @returns {string[]}
 */
export function applicationArguments(args) {
  const first = args[0]
  return first === undefined || (first.startsWith('-') && !answers.has(first)) ? ['start', ...args] : args
}

/** @param {string[]} args */
const unchanged = args => args

const tests = ['build', 'typecheck']

/** @type {Record<string, Command>} */
export const commands = {
  start: {
    summary: 'run the node: `npm start` for the live exchange, `npm start -- --help` for the rest',
    setup: { scope: 'pinned', tasks: ['build', '--filter=@disruptorx/node...'] },
    script: 'apps/node/dist/main.js',
    args: applicationArguments,
    // Draining and the last snapshot take their time.
    run: { ipc: true, graceMs: 30_000, cwd: userDirectory(process.env) },
  },
  test: {
    summary: 'type-check and run every test; arguments go to vitest',
    setup: { scope: 'pinned', tasks: tests },
    script: 'node_modules/vitest/vitest.mjs',
    args: args => ['run', ...args],
  },
  soak: {
    summary: 'run the long test slices',
    setup: { scope: 'pinned', tasks: ['build'] },
    script: 'tools/soak/main.ts',
    args: unchanged,
  },
  sim: {
    summary: 'run simulated worlds: `npm run sim -- --scenario S --seeds N`, `npm run sim -- --help` for the rest',
    setup: { scope: 'pinned', tasks: ['build'] },
    script: 'tools/sim/main.ts',
    args: unchanged,
  },
  verify: {
    summary: 'run every release check',
    setup: { scope: 'all', tasks: [] },
    script: 'tools/verify/main.ts',
    args: unchanged,
  },
  bench: {
    summary: 'run a benchmark suite: `npm run bench -- SUITE [--quick] [--json]`',
    setup: { scope: 'pinned', tasks: ['build'] },
    script: 'tools/bench/main.ts',
    args: unchanged,
  },
  'new-package': {
    summary: 'make a package from the template: `npm run new-package -- NAME`',
    setup: { scope: 'pinned', tasks: [] },
    script: 'tools/new-package/main.ts',
    args: unchanged,
  },
}

/** @param {Command} command */
export const scriptPath = command => join(root, command.script)
