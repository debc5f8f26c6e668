import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cases } from './wal/cases.ts'
import { heading, row } from './wal/report.ts'
import { full, quick } from './wal/sizes.ts'

interface Options {
  readonly quick: boolean
  readonly only?: string
  log(line: string): void
}

/**
 * How fast a journal writes, reads and opens, beside plain loops over the same disk; see BENCHMARKS.md.
 *
 * `ratio.*` is ours by what the table names; all other names say their unit.
 */
export default {
  suite: 'wal',
  async run({ quick: isQuick, only = '', log }: Options): Promise<Record<string, number>> {
    const results: Record<string, number> = {}
    const beginnings = only.split(',')
    for (const line of heading) log(line)
    for (const [name, measure] of Object.entries(cases)) {
      if (!beginnings.some(beginning => name.startsWith(beginning))) continue
      const dir = mkdtempSync(join(tmpdir(), 'disruptorx-wal-'))
      try {
        for (const figure of await measure(dir, isQuick ? quick : full)) {
          results[figure.name] = figure.value.median
          log(row(figure))
        }
      } finally {
        rmSync(dir, { recursive: true })
      }
    }
    return results
  },
}
