import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { DisruptorError, OptionError } from '@disruptorx/contracts'
import { nonEmptyText, wholeNumber } from '@disruptorx/contracts/internal'
import { describeSeed } from '../scenario/report.ts'
import { addTotals, noTotals, type SeedTotals } from '../scenario/run-seeds.ts'
import type { FailedSeed, ScenarioAnswer, ScenarioRequest } from './scenario-messages.ts'

/** Which seeds of a scenario to run, and how. */
export interface ScenarioFileOptions {
  /** Absolute path of a file `NAME.scenario.ts`. */
  readonly file: string
  /** What the scenario is called in reports. */
  readonly name: string
  /** @default 1 */
  readonly firstSeed?: number
  /** Seeds to run. From 1. @default as many as the time allows; 1,000 without a time */
  readonly seeds?: number
  /** Time after which no more seeds are begun, in milliseconds, above 0. Some are always run. @default no limit */
  readonly maxMs?: number
  /** From 1 to 256. @default one for each core */
  readonly processes?: number
  /** Whether a failure is looked into: its shortest prefix and its trace. @default true */
  readonly investigate?: boolean
  /** A process that says nothing for so long hangs, in milliseconds. @default 120_000 */
  readonly hangMs?: number
}

/** What came of running a scenario's seeds. */
export interface ScenarioFileResult {
  readonly totals: SeedTotals
  readonly elapsedMs: number
  /** The lowest seed that failed; every seed before it, from the first on, was right, unless its report says that a process broke off. */
  readonly failed: ScenarioFileFailure | undefined
}

/** A seed that failed. */
export interface ScenarioFileFailure extends FailedSeed {
  /** Events of the shortest failing prefix; 0 when it was not looked for. */
  readonly shortestEvents: number
  /** The report for people; empty when it was not looked into. Says so when a process broke off on the way. */
  readonly report: readonly string[]
}

/** A scenario could not be run: its file is wrong, or its process died or hangs. Code `DX_SCENARIO_BROKEN`. */
export class ScenarioBrokenError extends DisruptorError {
  constructor(name: string, why: string) {
    super('DX_SCENARIO_BROKEN', `the scenario ${name} cannot be run: ${why}`, { name, why })
  }
}

/** A request shall take about so long: short enough to end in time, long enough that asking costs nothing. */
const BATCH_MS = 250

/** Looking into a seed runs it so often at most. */
const INVESTIGATION_RUNS = 60

/**
 * Runs seeds of a scenario in processes of their own, on all cores, until one fails, or the seeds or the time are used up. Which seed is reported as the first
 * that fails depends on the seeds only.
 *
 * @throws {ScenarioBrokenError} {@link OptionError}
 */
export async function runScenarioFile(options: ScenarioFileOptions): Promise<ScenarioFileResult> {
  const run = new SeedRun(options)
  try {
    return await run.toTheEnd()
  } finally {
    run.close()
  }
}

class SeedRun {
  readonly #options: ScenarioFileOptions
  readonly #processes: ScenarioProcess[]
  readonly #began = performance.now()
  readonly #end: number
  readonly #deadline: number
  #next: number
  #totals = noTotals
  #failed: FailedSeed | undefined
  /** The first process that broke off. */
  #broken: unknown

  constructor(options: ScenarioFileOptions) {
    this.#options = options
    nonEmptyText('name', options.name)
    const { maxMs = Number.POSITIVE_INFINITY } = options
    if (!(maxMs > 0)) throw new OptionError('maxMs', maxMs, 'a number above 0')
    this.#next = wholeNumber('firstSeed', options.firstSeed ?? 1, 0, Number.MAX_SAFE_INTEGER)
    const seeds = options.seeds ?? (options.maxMs === undefined ? 1_000 : Number.MAX_SAFE_INTEGER - this.#next)
    this.#end = this.#next + wholeNumber('seeds', seeds, 1, Number.MAX_SAFE_INTEGER - this.#next)
    this.#deadline = this.#began + maxMs
    const most = wholeNumber('processes', options.processes ?? availableParallelism(), 1, 256)
    this.#processes = Array.from({ length: Math.min(most, seeds) }, () => new ScenarioProcess(options))
  }

  async toTheEnd(): Promise<ScenarioFileResult> {
    await Promise.all(this.#processes.map(one => this.#feed(one).catch(error => this.#brokeOff(error))))
    const elapsedMs = performance.now() - this.#began
    // A seed that failed is never forgotten for what broke beside it.
    if (this.#failed === undefined && this.#broken !== undefined) throw this.#broken
    return { totals: this.#totals, elapsedMs, failed: this.#failed && (await this.#reported(this.#failed)) }
  }

  close(): void {
    for (const one of this.#processes) one.close()
  }

  /** Gives a process one batch of seeds after the other. Batches go out in order, so that all seeds before a failed one are run. */
  async #feed(one: ScenarioProcess): Promise<void> {
    let count = 1
    while (this.#goesOn()) {
      const first = this.#next
      const taken = Math.min(count, this.#end - first)
      this.#next += taken
      const began = performance.now()
      const answer = await one.ask({ kind: 'run', first, count: taken })
      if (answer.kind !== 'ran') throw new ScenarioBrokenError(this.#options.name, 'its process gave a wrong answer')
      this.#totals = addTotals(this.#totals, answer.totals)
      if (answer.failed !== undefined) this.#takeLowest(answer.failed)
      const eachMs = Math.max(0.01, (performance.now() - began) / taken)
      count = Math.max(1, Math.min(4 * count, Math.round(BATCH_MS / eachMs)))
    }
  }

  #goesOn(): boolean {
    if (this.#next >= this.#end || this.#failed !== undefined || this.#broken !== undefined) return false
    return this.#totals.runs === 0 || performance.now() < this.#deadline
  }

  #brokeOff(error: unknown): void {
    this.#broken ??= error
  }

  #takeLowest(failed: FailedSeed): void {
    if (this.#failed === undefined || failed.seed < this.#failed.seed) this.#failed = failed
  }

  /** A seed that failed, looked into as far as that can be done. */
  async #reported(failed: FailedSeed): Promise<ScenarioFileFailure> {
    const known = await this.#lookInto(failed).catch(error => {
      this.#brokeOff(error)
      return { ...failed, shortestEvents: 0, report: describeSeed(this.#options.name, failed.seed, failed.message) }
    })
    return this.#broken === undefined ? known : { ...known, report: [...known.report, String(this.#broken)] }
  }

  async #lookInto(failed: FailedSeed): Promise<ScenarioFileFailure> {
    if (this.#options.investigate === false) return { ...failed, shortestEvents: 0, report: [] }
    const one = this.#processes.find(({ isGone }) => !isGone) ?? this.#processes[0]
    const answer = await one?.ask({ kind: 'investigate', seed: failed.seed })
    if (answer?.kind !== 'investigated') throw new ScenarioBrokenError(this.#options.name, 'its process gave a wrong answer')
    return { ...failed, shortestEvents: answer.shortestEvents, report: answer.lines }
  }
}

/** A process that runs a scenario, and what it is asked at the moment. */
class ScenarioProcess {
  readonly #name: string
  readonly #hangMs: number
  readonly #child: ChildProcess
  #stderr = ''
  #settle: ((answer: ScenarioAnswer | string) => void) | undefined
  /** Why it can be asked nothing more. */
  #gone: string | undefined

  constructor({ name, file, hangMs }: ScenarioFileOptions) {
    this.#name = name
    this.#hangMs = hangMs ?? 120_000
    const script = fileURLToPath(new URL('./scenario-child.js', import.meta.url))
    this.#child = fork(script, [file, name], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], serialization: 'advanced', execArgv: [] })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4_000)
    })
    this.#child.on('message', (answer: ScenarioAnswer) => this.#settle?.(answer))
    this.#child.on('error', error => this.#end(error.message))
    this.#child.on('close', (code, signal) => this.#end(`its process ended with ${signal ?? code}: ${this.#stderr.trim()}`))
  }

  get isGone(): boolean {
    return this.#gone !== undefined
  }

  async ask(request: ScenarioRequest): Promise<ScenarioAnswer> {
    const limitMs = request.kind === 'run' ? this.#hangMs : INVESTIGATION_RUNS * this.#hangMs
    const timer = setTimeout(() => this.#end(`it hangs: nothing in ${limitMs} ms`), limitMs)
    const answer = await new Promise<ScenarioAnswer | string>(resolve => {
      this.#settle = resolve
      if (this.#gone !== undefined) resolve(this.#gone)
      else this.#child.send(request)
    })
    clearTimeout(timer)
    this.#settle = undefined
    const wrong = typeof answer === 'string' ? answer : answer.kind === 'broken' ? answer.message : undefined
    if (wrong !== undefined) throw new ScenarioBrokenError(this.#name, `${seedsOf(request)}: ${wrong}`)
    return answer as ScenarioAnswer
  }

  close(): void {
    this.#child.kill('SIGKILL')
  }

  #end(why: string): void {
    this.#gone ??= why
    this.#settle?.(why)
  }
}

function seedsOf(request: ScenarioRequest): string {
  if (request.kind === 'investigate') return `looking into seed ${request.seed}`
  return request.count === 1 ? `seed ${request.first}` : `seeds ${request.first} to ${request.first + request.count - 1}`
}
