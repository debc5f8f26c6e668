import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childEnvironment, root } from './environment.mjs'
import { endMarked } from './processes.mjs'

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit */

/**
 * @typedef {object} RunOptions
 * @property {boolean} pinned run with the checkout's executables first on PATH
 * @property {boolean} [toStderr] give the command no input and send its output to stderr
 * @property {(text: string) => void} [onOutput] give the command no input and take its output
 * @property {boolean} [ipc] give the command a channel: its `disconnect` is a request to stop
 * @property {number} [graceMs] how long the command may take to stop when asked; 500 unless told
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] added to the environment
 */

/** How often the launcher looks whether its parent still is the one that started it. */
const parentPollMs = 200

/** Thrown out of a run that was stopped from outside. */
export class Stopped extends Error {
  /** @param {NodeJS.Signals} signal the signal to end with */
  constructor(signal) {
    super(`stopped by ${signal}`)
    this.signal = signal
  }
}

/**
 * Where the three standard streams of a command lead.
 *
 * @param {boolean} toStderr
 * @param {boolean} taken
 * @returns {('ignore' | 'pipe' | 'inherit' | 2)[]}
 */
function outputOf(toStderr, taken) {
  if (taken) return ['ignore', 'pipe', 'pipe']
  return toStderr ? ['ignore', 2, 2] : ['inherit', 'inherit', 'inherit']
}

/**
 * Runs commands one after another and answers for every process below them.
 *
 * A signal to the launcher, the end of its parent and the end of a command each end all that runs below. The end of the launcher itself is
 * noticed by its guard.
 */
export class Supervisor {
  mark = randomUUID()
  #stop = new AbortController()
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child
  #graceMs = 500
  /** @type {import('node:child_process').ChildProcess} */
  #guard
  /** @type {Promise<void>} */
  #guardGone
  #parent = process.ppid

  constructor() {
    const guard = join(dirname(fileURLToPath(import.meta.url)), 'guard.mjs')
    this.#guard = spawn(process.execPath, [guard, this.mark], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], cwd: root })
    this.#guardGone = new Promise(done => {
      this.#guard.once('exit', () => done())
      this.#guard.on('error', () => done())
    })
    // Its channel must not keep a finished launcher alive.
    this.#guard.channel?.unref()
    this.#guard.unref()
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => this.#onSignal(signal))
    setInterval(() => this.#watchParent(), parentPollMs).unref()
  }

  /** Aborted, with a `Stopped` as reason, once the launcher is asked to end. */
  get signal() {
    return this.#stop.signal
  }

  /** Processes that answer for what runs here: this one and its guard. */
  get pids() {
    return this.#guard.pid === undefined ? [process.pid] : [process.pid, this.#guard.pid]
  }

  /**
   * Runs a command to its end and leaves nothing of it behind.
   *
   * @param {string} command
   * @param {readonly string[]} args
   * @param {RunOptions} options
   * @returns {Promise<Exit>}
   * @throws {Stopped} when the launcher was asked to end before the command was started
   */
  async run(command, args, { pinned, toStderr = false, onOutput, ipc = false, graceMs = 500, cwd = root, env = {} }) {
    this.#stop.signal.throwIfAborted()
    this.#graceMs = graceMs
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = [...outputOf(toStderr, onOutput !== undefined), ipc ? 'ipc' : 'ignore']
    const environment = { ...childEnvironment(process.env, { mark: this.mark, pinned }), ...env }
    /** @type {import('node:child_process').ChildProcess} */
    const child = spawn(command, args, { cwd, env: environment, stdio })
    this.#child = child
    const closed = new Promise(done => child.once('close', done))
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => onOutput?.(text))
    if (this.#guard.connected && child.pid !== undefined) this.#guard.send({ command: child.pid, graceMs })
    try {
      return await new Promise((done, failed) => {
        child.once('error', failed)
        child.once('exit', (code, signal) => done({ code, signal }))
      })
    } finally {
      this.#child = undefined
      await endMarked(this.mark)
      // Nobody holds the pipes any more: what was on its way is here.
      if (child.pid !== undefined) await closed
    }
  }

  /** Ends the guard: nothing runs below any more. */
  async close() {
    this.#guard.ref()
    this.#guard.kill('SIGKILL')
    await this.#guardGone
  }

  /** @param {NodeJS.Signals} signal */
  #onSignal(signal) {
    // A terminal sends Ctrl-C to the command as well. Its closed channel tells the same thing once more without a second signal.
    if (signal === 'SIGINT' && this.#child?.connected) this.#child.disconnect()
    else this.#child?.kill('SIGTERM')
    this.#stopEverything(signal)
  }

  #watchParent() {
    if (process.ppid === this.#parent) return
    this.#child?.kill('SIGTERM')
    this.#stopEverything('SIGTERM')
  }

  /** @param {NodeJS.Signals} signal */
  #stopEverything(signal) {
    if (this.#stop.signal.aborted) return
    this.#stop.abort(new Stopped(signal))
    setTimeout(() => endMarked(this.mark), this.#graceMs).unref()
  }
}
