/** How many bytes of the heap are in use, where the platform says so: everything that was allocated counts until it is collected. */
export const heapUsedBytes: (() => number) | undefined = heapOf(globalThis.process as typeof globalThis.process | undefined)

function heapOf(process: typeof globalThis.process | undefined): (() => number) | undefined {
  return typeof process?.memoryUsage === 'function' ? () => process.memoryUsage().heapUsed : undefined
}
