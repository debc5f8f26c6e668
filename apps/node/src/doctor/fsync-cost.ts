import { closeSync, existsSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const BLOCK_BYTES = 4096
const BLOCKS = 256

/** The nearest directory at or above a path that exists. */
export function nearestDirectory(path: string): string {
  let at = resolve(path)
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  return at
}

/**
 * Measures write + fdatasync of 4 KiB in a directory, on space written before, as the journal does it: microseconds of each of
 * `times` runs, sorted. The file that it makes is removed.
 *
 * @throws the file system's error
 */
export function measureFsync(directory: string, times = 200): Float64Array {
  const path = join(directory, `.disruptorx-doctor-${process.pid}.tmp`)
  const block = new Uint8Array(BLOCK_BYTES).fill(0x5a)
  const costs = new Float64Array(times)
  const handle = openSync(path, 'wx')
  try {
    for (let at = 0; at < BLOCKS; at++) writeSync(handle, block, 0, BLOCK_BYTES, at * BLOCK_BYTES)
    fsyncSync(handle)
    for (let run = 0; run < times; run++) {
      const from = performance.now()
      writeSync(handle, block, 0, BLOCK_BYTES, (run % BLOCKS) * BLOCK_BYTES)
      fdatasyncSync(handle)
      costs[run] = (performance.now() - from) * 1000
    }
  } finally {
    closeSync(handle)
    rmSync(path, { force: true })
  }
  return costs.sort()
}

/** The value that `share` (0 to 1) of sorted values do not exceed. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
