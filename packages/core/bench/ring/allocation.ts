import { GCProfiler, getHeapStatistics } from 'node:v8'
import type { Part, Played } from './part.ts'

/**
 * A part that also tells how many bytes of heap its round allocated: what the heap grew by, and what garbage collections in between took away.
 */
export function counted(part: Part): Part {
  return {
    ...part,
    play(round) {
      const profiler = new GCProfiler()
      profiler.start()
      const before = getHeapStatistics().used_heap_size
      const played = part.play(round) as Played
      const grown = getHeapStatistics().used_heap_size - before
      const freed = profiler
        .stop()
        .statistics.reduce(
          (sum, { beforeGC, afterGC }) => sum + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
          0,
        )
      return { ...played, figures: { allocatedBytesPerEvent: (grown + freed) / played.events } }
    },
  }
}
