/** How many threads this machine runs at once, as far as the platform says; 1 where it does not. */
export function coreCount(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1
}

/** Tells the processor that this is a spin loop. Node 22 cannot: there it does nothing. */
export const spinPause: () => void = 'pause' in Atomics && typeof Atomics.pause === 'function' ? (Atomics.pause as () => void) : () => {}

const nothing = new Int32Array(new SharedArrayBuffer(4))

/**
 * Gives the core to another thread for the shortest time that JavaScript can ask for, about 0.07 ms on Linux.
 * There is no true yield: a wait with a tiny limit is the nearest thing.
 */
export function yieldCore(): void {
  Atomics.wait(nothing, 0, 0, 0.001)
}
