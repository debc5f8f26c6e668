import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { markVariable } from './environment.mjs'

/** @typedef {{ pid: number, parent: number, state: string, start: string }} ProcessEntry */

/**
 * One process as Linux shows it; undefined if there is none.
 *
 * @param {number} pid
 * @returns {ProcessEntry | undefined}
 */
function readEntry(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name, in parentheses, may hold spaces and parentheses of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, state: fields[0] ?? '', parent: Number(fields[1]), start: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function answersSignals(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Identity of a process that a later process with the same number does not share.
 *
 * @param {number} pid
 * @returns {string} `pid.start`; start is 0 where the system does not tell it
 */
export function identityOf(pid) {
  return `${pid}.${readEntry(pid)?.start ?? 0}`
}

/**
 * Whether the process of that identity still runs. One that only waits for its parent to notice its end does not.
 *
 * @param {string} identity as `identityOf` gave it
 * @returns {boolean}
 */
export function isAlive(identity) {
  const [pid, start] = identity.split('.')
  if (process.platform !== 'linux') return answersSignals(Number(pid))
  const entry = readEntry(Number(pid))
  return entry !== undefined && entry.state !== 'Z' && entry.state !== 'X' && (start === '0' || entry.start === start)
}

/** @param {number} pid @param {string} mark */
function carriesMark(pid, mark) {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
    const at = environment.indexOf(`${markVariable}=`)
    return at >= 0 && environment.slice(at, environment.indexOf('\0', at)).includes(mark)
  } catch {
    return false
  }
}

/** @param {string} mark @returns {number[]} */
function markedOnLinux(mark) {
  const entries = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => readEntry(Number(name)))
    .filter(entry => entry !== undefined && entry.state !== 'Z' && entry.state !== 'X')
  const found = new Set()
  for (const entry of entries) if (entry && carriesMark(entry.pid, mark)) found.add(entry.pid)
  // A child that was started with an environment of its own is still known by its parent.
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const entry of entries) if (entry && found.has(entry.parent)) found.add(entry.pid)
  }
  return [...found]
}

/** @param {string} mark @returns {number[]} */
function markedByPs(mark) {
  try {
    const lines = execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
    return lines.filter(line => line.includes(`${markVariable}=`) && line.includes(mark)).map(line => Number.parseInt(line, 10))
  } catch {
    return []
  }
}

/**
 * Processes that run below the launcher of that mark, whatever became of their parents and process groups.
 *
 * turbo gives each task a process group of its own, and a killed parent leaves no trace in its children but their environment.
 *
 * @param {string} mark
 * @returns {number[]} process ids, never the caller's own
 */
function markedProcesses(mark) {
  const pids = process.platform === 'linux' ? markedOnLinux(mark) : markedByPs(mark)
  return pids.filter(pid => pid !== process.pid)
}

/** @param {readonly number[]} pids @param {NodeJS.Signals} signal */
function signalAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // Gone in between.
    }
  }
}

/** @param {number} ms */
export const sleep = ms => new Promise(done => setTimeout(done, ms))

/**
 * Ends everything that runs below the launcher of that mark: asks, if a command is to have its time, then kills until nothing is left.
 *
 * @param {string} mark
 * @param {{ command: number, graceMs: number }} [grace] how long that process may take to end before all are killed
 */
export async function endMarked(mark, grace) {
  if (grace) {
    const command = identityOf(grace.command)
    signalAll(markedProcesses(mark), 'SIGTERM')
    for (const deadline = Date.now() + grace.graceMs; isAlive(command) && Date.now() < deadline; ) await sleep(50)
  }
  // What forks while it is being killed needs another round. What is stuck in the kernel must not hold us for ever.
  for (let round = 0; round < 200; round++) {
    const left = markedProcesses(mark)
    if (left.length === 0) return
    signalAll(left, 'SIGKILL')
    await sleep(20)
  }
}
