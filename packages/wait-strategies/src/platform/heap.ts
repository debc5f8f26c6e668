import type { GCProfiler as Profiler } from 'node:v8'

interface Platform {
  readonly heapUsedBytes: () => number
  readonly GCProfiler: typeof Profiler
}

const platform = heapOf(globalThis.process as typeof globalThis.process | undefined)

function heapOf(process: typeof globalThis.process | undefined): Platform | undefined {
  const v8 = process?.getBuiltinModule?.('node:v8')
  if (process === undefined || v8 === undefined) return undefined
  return { heapUsedBytes: () => process.memoryUsage().heapUsed, GCProfiler: v8.GCProfiler }
}

/** By how many bytes an action grew the heap; undefined when garbage was collected, or memory of an earlier collection given back: that says nothing. */
export type HeapGrowth = (action: () => void) => number | undefined

/** Measures the heap, where the platform says how much of it is in use, and when it is collected. */
export const heapGrowth: HeapGrowth | undefined = platform && (action => growthOf(action, platform))

function growthOf(action: () => void, { heapUsedBytes, GCProfiler }: Platform): number | undefined {
  const collections = new GCProfiler()
  collections.start()
  const before = heapUsedBytes()
  action()
  const grown = heapUsedBytes() - before
  return collections.stop().statistics.length === 0 && grown >= 0 ? grown : undefined
}
