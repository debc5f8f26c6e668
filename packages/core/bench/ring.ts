import { type Case, cases } from './ring/cases.ts'
import { Threads } from './ring/cast.ts'
import { type Effort, measureAlone, measureFigures, measurePair } from './ring/measure.ts'
import { figureRow, floorDefects, floors, heading, speedRow, timesRow } from './ring/report.ts'
import { type Spread, spreadOf } from './ring/statistics.ts'

/** Which of ours takes the place of which way to post messages. */
const replaces = { messagePort: 'spsc.publishEach', 'messagePort.burst': 'spsc.batch32' } as const

interface Options {
  readonly quick: boolean
  readonly only?: string
  log(line: string): void
  defect(what: string): void
}

/** One run of the suite. */
class Run {
  readonly results: Record<string, number> = {}
  readonly #options: Options
  readonly #effort: Effort
  /** Speeds of the raw loops, of all their pairs. */
  readonly #raw = new Map<string, readonly number[]>()

  constructor(options: Options, effort: Effort) {
    this.#options = options
    this.#effort = effort
  }

  async measure(one: Case): Promise<void> {
    if (one.figures !== undefined) {
      for (const [name, value] of Object.entries(await measureFigures(one, this.#effort))) this.#note(name, value, figureRow(name, value))
    } else if (one.against !== undefined) await this.#measurePair(one, cases.get(one.against) as Case)
    else if (one.name.startsWith('raw.')) this.#raw.set(one.name, this.#raw.get(one.name) ?? [])
    else {
      const speed = spreadOf((await measureAlone(one, this.#effort)).speeds)
      this.#note(one.name, speed, speedRow(one.name, speed))
    }
  }

  /** What can be said only at the end. */
  async finish(): Promise<void> {
    for (const [name, speeds] of this.#raw) {
      if (speeds.length === 0) this.#raw.set(name, (await measureAlone(cases.get(name) as Case, this.#effort)).speeds)
      this.results[name] = spreadOf(this.#raw.get(name) as readonly number[]).median
    }
    for (const [theirs, ours] of Object.entries(replaces)) this.#compare(theirs, ours)
    for (const line of floors(this.#raw)) this.#options.log(line)
    if (!this.#effort.quick) for (const defect of floorDefects(this.#raw)) this.#options.defect(defect)
  }

  async #measurePair(one: Case, against: Case): Promise<void> {
    const { raw, ours, ratio } = await measurePair(against, one, this.#effort)
    this.#raw.set(against.name, [...(this.#raw.get(against.name) ?? []), ...raw.speeds])
    const speed = spreadOf(ours.speeds)
    this.#note(one.name, speed, speedRow(one.name, speed, { raw: against.name, ratio, disturbed: ours.disturbed }))
    this.results[`ratio.${one.name}`] = ratio.median
  }

  #compare(theirs: string, ours: string): void {
    const [their, our] = [this.results[theirs], this.results[ours]]
    if (their === undefined || our === undefined) return
    this.results[`ratio.${theirs}`] = our / their
    this.#options.log(timesRow(`ratio.${theirs}`, ours, our / their, theirs))
  }

  #note(name: string, value: Spread, line: string): void {
    this.results[name] = value.median
    this.#options.log(line)
  }
}

/**
 * How fast events go from thread to thread, beside hand-written loops that do the same; see BENCHMARKS.md.
 *
 * Throughputs are events per second; `ratio.*` is ours by the raw loop, or by MessagePort; all other names say their unit.
 */
export default {
  suite: 'ring',
  async run(options: Options): Promise<Record<string, number>> {
    const threads = new Threads(!options.quick)
    const run = new Run(options, { quick: options.quick, threads })
    const beginnings = (options.only ?? '').split(',')
    try {
      for (const line of heading) options.log(line)
      for (const one of cases.values()) if (beginnings.some(beginning => one.name.startsWith(beginning))) await run.measure(one)
      await run.finish()
    } finally {
      await threads.close()
    }
    return run.results
  },
}
