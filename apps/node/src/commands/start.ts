import { resolve } from 'node:path'
import { isAbortOf } from '../cli/abort.ts'
import type { CommandContext } from '../cli/context.ts'
import { DataDirError } from '../cli/errors.ts'
import { ExitCode } from '../cli/exit-codes.ts'
import { StopRequest } from '../cli/stop-request.ts'
import type { SettingValues } from '../config/settings.ts'
import { type DataDir, openDataDir } from '../data-dir/data-dir.ts'
import { serveStatus } from '../http/status-server.ts'
import { LiveFeed } from '../live/live-feed.ts'
import { resumeFlow } from '../live/resume-flow.ts'
import { type LiveSettings, StatusBoard } from '../live/status-board.ts'
import { type ExchangeSession, openSession } from '../session/open-session.ts'
import { count } from '../view/format.ts'
import { type LiveReport, liveReport } from '../view/live-report.ts'

/** Where a live node keeps its data unless told otherwise. */
export const DEFAULT_LIVE_DIR = '.data/live'
/** The one client of a live node: its numbers are the generator's messages. */
const GENERATOR_CLIENT = 1
const DEFAULT_PORT = 8080
const DEFAULT_RATE = 20_000
const DEFAULT_SEED = 1
/** How old the book and the rate in a status may be. */
const REFRESH_MS = 250
/** A timer that is asked for more than this fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** `disruptorx start`: a node with the exchange, fed by the seeded generator, until it is asked to end. */
export async function start(settings: SettingValues, context: CommandContext): Promise<ExitCode> {
  const report = liveReport(context.out, settings.json === true)
  using stop = new StopRequest(() => report.close())
  using directory = await openDataDir(resolve(context.cwd, settings.dataDir ?? DEFAULT_LIVE_DIR), 'live')
  const { path: dataDir } = directory
  const seed = seedOf(directory, settings.seed)
  const live: LiveSettings = { dataDir, durability: settings.durability ?? 'fsync', seed, rate: settings.rate ?? DEFAULT_RATE }
  const board = new StatusBoard(live)
  const server = await serveStatus(settings.port ?? DEFAULT_PORT, board)
  try {
    if (directory.description === undefined) await directory.describe({ kind: 'live', seed })
    const session = await openSession({ dataDir, clientId: GENERATOR_CLIENT, settings, err: context.err, signal: stop.signal })
    return await new LiveRun(session, board, report, live, context, stop).run(settings, server.address)
  } catch (error) {
    if (isAbortOf(stop.signal, error)) return ExitCode.done
    throw error
  } finally {
    report.close()
    await server.close()
  }
}

/** The seed of a live directory: the given one for a new one, its own for any other. @throws {DataDirError} another one was given */
function seedOf({ path, description }: DataDir<'live'>, given: number | undefined): number {
  if (description === undefined) return given ?? DEFAULT_SEED
  const { seed } = description
  if (given === undefined || given === seed) return seed
  const what = `data directory ${path} belongs to seed ${seed}, not ${given}`
  throw new DataDirError(`${what}; leave --seed away to go on, or name another directory with --data-dir`, { directory: path, seed })
}

/** How long a node runs: `seconds`, to the millisecond, however many these are; for ever when they are undefined. */
export class Lifetime implements Disposable {
  readonly #over = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(seconds: number | undefined) {
    if (seconds !== undefined) this.#wait(Math.round(seconds * 1000))
  }

  /** Aborted when the time is over. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #wait(leftMs: number): void {
    const ms = Math.min(leftMs, LONGEST_TIMER_MS)
    this.#timer = setTimeout(() => (leftMs > ms ? this.#wait(leftMs - ms) : this.#over.abort()), ms)
  }
}

/** One run of a live node that is open. */
class LiveRun {
  readonly #session: ExchangeSession
  readonly #board: StatusBoard
  readonly #report: LiveReport
  readonly #live: LiveSettings
  readonly #context: CommandContext
  readonly #stop: StopRequest
  #saidDraining = false

  constructor(
    session: ExchangeSession,
    board: StatusBoard,
    report: LiveReport,
    live: LiveSettings,
    context: CommandContext,
    stop: StopRequest,
  ) {
    this.#session = session
    this.#board = board
    this.#report = report
    this.#live = live
    this.#context = context
    this.#stop = stop
  }

  async run(settings: SettingValues, address: string): Promise<ExitCode> {
    const session = this.#session
    const { dataDir, seed, rate, durability } = this.#live
    let closed = false
    const timers: NodeJS.Timeout[] = []
    try {
      const flow = await resumeFlow(dataDir, seed, session.resumed, line => this.#context.err.line(line), this.#stop.signal)
      this.#context.err.line(
        `started: ${count(rate)} events/s from seed ${seed} into ${dataDir}, durability ${durability}; status at ${address}/status`,
      )
      this.#board.opened(session)
      this.#report.open(address)
      timers.push(
        setInterval(() => this.#board.refresh(), REFRESH_MS),
        setInterval(() => this.#show(!this.#context.out.isTerminal && settings.json !== true), this.#report.everyMs),
      )
      using lifetime = new Lifetime(settings.duration)
      const end = AbortSignal.any([this.#stop.signal, this.#report.gone, lifetime.over])
      end.addEventListener('abort', () => this.#board.draining(), { once: true })
      await new LiveFeed(session, flow, { seed, dataDir, rate, stop: end }).run()
      const summary = await session.client.query('summary')
      for (const timer of timers) clearInterval(timer)
      closed = true
      await session.close()
      this.#report.end(summary, session.resumed, this.#stop.reason)
      return ExitCode.done
    } finally {
      for (const timer of timers) clearInterval(timer)
      if (!closed) await session.close({ snapshot: false }).catch(() => {})
    }
  }

  /** With `lines`, people read one below the other: that it drains is said once. */
  #show(lines: boolean): void {
    const sample = this.#board.status()
    if (sample === undefined || (lines && this.#saidDraining)) return
    this.#saidDraining = sample.state === 'draining'
    this.#report.show(sample)
  }
}
