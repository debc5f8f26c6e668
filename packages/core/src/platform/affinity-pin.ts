import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isDisruptorError, OptionError } from '@disruptorx/contracts'
import { checkCores, coreMask, formatCoreList, parseCoreList } from './affinity-cores.ts'
import { AffinityUnavailableError } from './affinity-errors.ts'

/** What {@link tryPin} did. */
export type PinResult = { readonly pinned: true; readonly cores: readonly number[] } | { readonly pinned: false; readonly reason: string }

/** Ties the calling thread to a set of cores: 0, or the number of the error. Set by the first call that finds a way. */
let setAffinity: ((cores: readonly number[]) => number) | undefined

/**
 * Ties the calling thread to one core, or to several, and returns them. The other threads of the process stay as they are; threads that this one starts
 * afterwards begin with the same cores. Call it first in a worker, before it makes the memory that it works on: the kernel puts memory near the core that
 * writes it first.
 *
 * To undo it, pin to what {@link affinity} said before.
 *
 * @throws {OptionError} a core that there is not, or that this process may not use (a container's limit)
 * @throws {AffinityUnavailableError} not Linux, or `koffi` is missing: {@link tryPin} returns instead
 */
export function pin(cores: number | readonly number[]): readonly number[] {
  const wanted = checkCores(cores)
  const set = loadSetAffinity()
  const before = affinity()
  const allowed = allowedCores(set, before)
  const excess = wanted.find(core => !allowed.includes(core))
  const failure = excess === undefined ? set(wanted) : 0
  if (excess === undefined && failure === 0) return affinity()
  set(before)
  if (excess !== undefined) throw new OptionError('cores', excess, `among the cores that this process may use: ${formatCoreList(allowed)}`)
  throw new AffinityUnavailableError(`sched_setaffinity to ${formatCoreList(wanted)} failed with error ${failure}`)
}

/**
 * {@link pin} for programs that run unpinned as well: where it cannot be done, on this machine or with these cores, it says why and changes nothing.
 *
 * @throws {OptionError} what was passed is no list of core numbers
 */
export function tryPin(cores: number | readonly number[]): PinResult {
  checkCores(cores)
  try {
    return { pinned: true, cores: pin(cores) }
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    return { pinned: false, reason: error.message }
  }
}

/** The cores on which the calling thread may run, in order. Does not need `koffi`. @throws {AffinityUnavailableError} not Linux */
export function affinity(): readonly number[] {
  checkLinux()
  const status = readKernel('/proc/thread-self/status')
  return parseCoreList(/^Cpus_allowed_list:(.*)$/m.exec(status)?.[1] ?? '')
}

/** Every core that the process may have: asks for all, and looks what the kernel gave. */
function allowedCores(set: (cores: readonly number[]) => number, before: readonly number[]): readonly number[] {
  const online = parseCoreList(readKernel('/sys/devices/system/cpu/online'))
  return set(online) === 0 ? affinity() : before
}

function readKernel(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AffinityUnavailableError(`${path} cannot be read`, error)
  }
}

function checkLinux(): void {
  if (process.platform !== 'linux')
    throw new AffinityUnavailableError(`${process.platform} has no call for it that this package knows; only Linux has`)
}

function loadSetAffinity(): (cores: readonly number[]) => number {
  checkLinux()
  setAffinity ??= bindSetAffinity()
  return setAffinity
}

interface Koffi {
  /** Without a name: what the process has loaded already, whichever C library that is. */
  load(path: null): { func(prototype: string): (pid: number, sizeBytes: number, mask: Uint8Array) => number }
  errno(): number
}

function bindSetAffinity(): (cores: readonly number[]) => number {
  try {
    const require = createRequire(import.meta.url)
    const koffi = require('koffi') as Koffi
    const call = koffi.load(null).func('int sched_setaffinity(int pid, size_t sizeBytes, const uint8_t *mask)')
    return cores => {
      const mask = coreMask(cores)
      return call(0, mask.length, mask) === 0 ? 0 : koffi.errno()
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
    const reason = missing ? 'the optional package koffi is not installed; npm install koffi' : `koffi does not load: ${String(error)}`
    throw new AffinityUnavailableError(reason, error)
  }
}
