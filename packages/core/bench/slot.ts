import { Threads } from './ring/cast.ts'
import { measureFigures } from './ring/measure.ts'
import { figureRow, heading } from './ring/report.ts'
import { soloCases } from './ring/solo.ts'

/**
 * Nanoseconds for writing and for reading one event, both on one thread: what the code costs by itself. It tells little about two threads, where
 * most of the time goes into lines that cross from core to core; the suite `ring` measures that.
 */
export default {
  suite: 'slot',
  async run({ quick, only = '', log }: { quick: boolean; only?: string; log(line: string): void }): Promise<Record<string, number>> {
    const threads = new Threads(!quick)
    const results: Record<string, number> = {}
    try {
      for (const line of heading) log(line)
      for (const one of soloCases.values()) {
        if (!only.split(',').some(beginning => one.name.startsWith(`slot.${beginning}`))) continue
        for (const [name, value] of Object.entries(await measureFigures(one, { quick, threads }))) {
          results[name] = value.median
          log(figureRow(name, value))
        }
      }
    } finally {
      await threads.close()
    }
    return results
  },
}
