import { BlockingForbiddenError } from '../blocking-forbidden.ts'

/** How many threads this machine runs at once, as far as the platform says; 1 where it does not. */
export function coreCount(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1
}

/** Tells the processor that this is a spin loop. Node 22 cannot: there it does nothing. */
export const spinPause: () => void = 'pause' in Atomics && typeof Atomics.pause === 'function' ? (Atomics.pause as () => void) : () => {}

/** The shortest nap that JavaScript can ask for, in milliseconds: it takes about 0.07 ms on Linux. The nearest thing to a yield that there is. */
export const SHORTEST_NAP_MS = 0.001

/** What nobody ever wakes. Made at the first nap, as there are pages without shared memory. */
let nothing: Int32Array | undefined

/** Gives the core to other threads for so long, and some more. @throws {BlockingForbiddenError} on the main thread of a browser */
export function nap(durationMs: number): void {
  try {
    nothing ??= new Int32Array(new SharedArrayBuffer(4))
    Atomics.wait(nothing, 0, 0, durationMs)
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw new BlockingForbiddenError('giving the core away')
    throw error
  }
}
