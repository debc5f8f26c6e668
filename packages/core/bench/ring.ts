import { type Case, cases, yardsticks } from './ring/cases.ts'
import { Cast, Threads } from './ring/cast.ts'
import { type Spread, spreadOf } from './ring/statistics.ts'

export default {
  suite: 'ring',
  async run({ quick, only, log }: { quick: boolean; only?: string; log(line: string): void }): Promise<Record<string, number>> {
    const prefixes = (only ?? '').split(',')
    const wanted = (name: string) => prefixes.some(prefix => name.startsWith(prefix))
    const threads = new Threads(!quick)
    const timing = { chunk: quick ? 3_200 : 64_000, durationMs: quick ? 0 : 350 }
    const rounds = quick ? 1 : 9
    const results: Record<string, number> = {}
    const caseOf = (name: string) => cases.get(name) as Case
    for (const [name, raw] of Object.entries(yardsticks).filter(([name]) => wanted(name))) {
      const casts = [await Cast.open(caseOf(raw), threads, timing), await Cast.open(caseOf(name), threads, timing)] as const
      const speeds: [number[], number[]] = [[], []]
      for (let round = quick ? 0 : -2; round < rounds; round++) {
        for (const side of [0, 1] as const) {
          const { perSecond } = await casts[side].play()
          if (round >= 0) speeds[side].push(perSecond)
        }
      }
      for (const cast of casts) await cast.close()
      const ratio = spreadOf(speeds[1].map((ours, i) => ours / (speeds[0][i] as number)))
      results[`${raw}.eventsPerSecond`] = spreadOf(speeds[0]).median
      results[`${name}.eventsPerSecond`] = spreadOf(speeds[1]).median
      results[`ratio.${name}`] = ratio.median
      log(line(raw, spreadOf(speeds[0])))
      log(`${line(name, spreadOf(speeds[1]))}  ratio ${ratio.median.toFixed(3)} (${ratio.least.toFixed(2)}..${ratio.most.toFixed(2)})`)
    }
    await threads.close()
    return results
  },
}

function line(name: string, { median, least, most }: Spread): string {
  const millions = (value: number) => (value / 1e6).toFixed(1)
  return `${name.padEnd(18)} ${millions(median).padStart(8)} M/s (${millions(least)}..${millions(most)})`
}
