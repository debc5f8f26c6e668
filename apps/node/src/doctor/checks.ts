import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { bytes, count, duration } from '../view/format.ts'
import { measureFsync, nearestDirectory, quantile } from './fsync-cost.ts'

/** What one check found. `fail`: a node cannot run here; `warn`: it can, with a cost that the text names. */
export interface Check {
  readonly name: string
  readonly level: 'ok' | 'warn' | 'fail'
  readonly text: string
  /** The value behind the text, for programs. */
  readonly value: string | number | boolean
}

const SUPPORTED = [22, 24, 26]
const OLDEST = [22, 18] as const
/** Less free space than the journal and its snapshots may take: 2 GiB. */
const FREE_WANTED = 2 * 1024 ** 3
const FREE_NEEDED = 256 * 1024 ** 2
const FILES_WANTED = 1024
const FILES_NEEDED = 64
const SLOW_FSYNC_US = 5000

/** Looks at this machine with the eyes of a node that keeps its data in `dataDir`. */
export function checkMachine(dataDir: string): Check[] {
  return [checkPlatform(), checkNode(process.versions.node), checkCores(), checkSharedMemory(), checkOpenFiles(), ...checkDisk(dataDir)]
}

function checkPlatform(): Check {
  const value = `${process.platform} ${process.arch}`
  const text = `${type()} ${release()} on ${process.arch}, ${bytes(totalmem())} of memory`
  if (process.platform === 'linux' || process.platform === 'darwin') return { name: 'platform', level: 'ok', text, value }
  return { name: 'platform', level: 'warn', text: `${text}; tested on Linux and macOS only`, value }
}

/** Judges a version of Node. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const name = 'node'
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return { name, level: 'fail', text: `${version} is too old; it must be ${OLDEST.join('.')} or newer`, value: version }
  if (SUPPORTED.includes(major)) return { name, level: 'ok', text: `${version}, supported`, value: version }
  return { name, level: 'warn', text: `${version} is not one of the supported ${SUPPORTED.join(', ')}`, value: version }
}

function checkCores(): Check {
  const value = availableParallelism()
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const text = `${value} (${model})`
  if (value >= 2) return { name: 'cores', level: 'ok', text, value }
  return { name: 'cores', level: 'warn', text: `${text}; the journal, the handler and the publisher share it, so waits are longer`, value }
}

function checkSharedMemory(): Check {
  const value = typeof SharedArrayBuffer === 'function' && typeof Atomics.waitAsync === 'function'
  return value
    ? { name: 'shared-memory', level: 'ok', text: 'SharedArrayBuffer and Atomics.waitAsync are there', value }
    : { name: 'shared-memory', level: 'fail', text: 'SharedArrayBuffer or Atomics.waitAsync is missing; threads cannot share rings', value }
}

function checkOpenFiles(): Check {
  const value = openFileLimit()
  const name = 'open-files'
  if (value === undefined) return { name, level: 'ok', text: 'limit unknown on this system', value: 'unknown' }
  const shown = value === Number.POSITIVE_INFINITY ? 'unlimited' : count(value)
  if (value < FILES_NEEDED) return { name, level: 'fail', text: `limit ${shown}; a node needs ${FILES_NEEDED} (ulimit -n)`, value }
  if (value < FILES_WANTED) return { name, level: 'warn', text: `limit ${shown}; ${FILES_WANTED} or more are better (ulimit -n)`, value }
  return { name, level: 'ok', text: `limit ${shown}`, value: value === Number.POSITIVE_INFINITY ? 'unlimited' : value }
}

function openFileLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    const report = process.report?.getReport() as { userLimits?: { open_files?: { soft: number | string } } } | undefined
    const soft = report?.userLimits?.open_files?.soft
    if (soft === undefined) return undefined
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  }
}

function checkDisk(dataDir: string): Check[] {
  const directory = nearestDirectory(dataDir)
  const where = directory === dataDir ? directory : `${directory} (${dataDir} is not there yet)`
  try {
    const { bavail, bsize } = statfsSync(directory)
    const costs = measureFsync(directory)
    return [checkFree(bavail * bsize, where), checkFsync(quantile(costs, 0.5), quantile(costs, 0.99), where)]
  } catch (error) {
    const code = systemCode(error)
    const why = code === undefined ? String(error) : meaningOf(code)
    return [{ name: 'data-dir', level: 'fail', text: `${where} cannot be written: ${why}`, value: code ?? 'unknown' }]
  }
}

/** Judges the free space of the data directory's file system. */
export function checkFree(value: number, where: string): Check {
  const name = 'free-disk'
  const text = `${bytes(value)} free at ${where}`
  if (value < FREE_NEEDED) return { name, level: 'fail', text: `${text}; a node needs ${bytes(FREE_NEEDED)} at least`, value }
  if (value < FREE_WANTED) return { name, level: 'warn', text: `${text}; a node can take up to ${bytes(FREE_WANTED)}`, value }
  return { name, level: 'ok', text, value }
}

/** Judges the cost of making 4 KiB durable, in microseconds. */
export function checkFsync(medianUs: number, p99Us: number, where: string): Check {
  const text = `write + fdatasync of 4 KiB takes ${duration(medianUs * 1000)} (median), ${duration(p99Us * 1000)} (P99) at ${where}`
  const value = Math.round(medianUs)
  if (medianUs <= SLOW_FSYNC_US) return { name: 'fsync', level: 'ok', text, value }
  return { name: 'fsync', level: 'warn', text: `${text}; each acknowledgement waits for that`, value }
}
