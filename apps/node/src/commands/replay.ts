import { join, resolve } from 'node:path'
import { isAbortOf } from '../cli/abort.ts'
import type { CommandContext } from '../cli/context.ts'
import { ExitCode } from '../cli/exit-codes.ts'
import type { Output } from '../cli/output.ts'
import { StopRequest } from '../cli/stop-request.ts'
import type { SettingValues } from '../config/settings.ts'
import { type DataDir, openDataDir } from '../data-dir/data-dir.ts'
import { type ByteSource, openByteSource } from '../feed/byte-source.ts'
import { checkSource } from '../feed/check-source.ts'
import { MessageReader } from '../feed/message-reader.ts'
import { type FedSource, feedSource, skipJournaled } from '../feed/replay-feed.ts'
import { type ExchangeSession, openSession } from '../session/open-session.ts'
import { count } from '../view/format.ts'
import { type ReplayProgress, replayProgress } from '../view/replay-progress.ts'
import { SkippedLines } from '../view/skipped-lines.ts'
import { type ReplaySummary, summaryJson, summaryLines } from '../view/summary.ts'

/** Where replays keep their data: each source in a directory of its own. */
const REPLAY_DIR = '.data/replay'
/** The one client of a replay: its numbers are the messages of the source. */
const REPLAY_CLIENT = 1

/** `disruptorx replay FILE|-`: feeds an order file through the journal into the book, from where an earlier run of the same source ended. */
export async function replay(file: string, settings: SettingValues, restart: boolean, context: CommandContext): Promise<ExitCode> {
  using stop = new StopRequest()
  let opened: ByteSource | undefined
  try {
    opened = await openByteSource(file, context.cwd, context.stdin)
    const source = await checkSource(opened, stop.signal)
    using directory = await openDataDir(resolve(context.cwd, settings.dataDir ?? join(REPLAY_DIR, source.folder)), 'replay')
    await prepare(directory, source, restart)
    return await new ReplayRun(source, directory.path, settings, context, stop).run()
  } catch (error) {
    if (!isAbortOf(stop.signal, error)) throw error
    context.err.line(`stopped by ${stop.reason} before anything was fed; the same command begins here again`)
    return stop.exitCode
  } finally {
    await opened?.close()
  }
}

/** Says what the directory is for, and begins anew where that was asked for, also by an earlier run that was killed while it did so. */
async function prepare(directory: DataDir<'replay'>, source: ByteSource, restart: boolean): Promise<void> {
  const description = { kind: 'replay', source: source.identity } as const
  const found = directory.description
  if (found !== undefined && !restart && found.emptying !== true) return
  if (found !== undefined) {
    await directory.describe({ ...description, emptying: true })
    await directory.empty()
  }
  await directory.describe(description)
}

/** One run of a replay whose source and directory are known to be good. */
class ReplayRun {
  readonly #source: ByteSource
  readonly #dataDir: string
  readonly #settings: SettingValues
  readonly #out: Output
  readonly #err: Output
  readonly #stop: StopRequest
  readonly #progress: ReplayProgress

  constructor(source: ByteSource, dataDir: string, settings: SettingValues, { out, err }: CommandContext, stop: StopRequest) {
    this.#source = source
    this.#dataDir = dataDir
    this.#settings = settings
    this.#out = out
    this.#err = err
    this.#stop = stop
    this.#progress = replayProgress({ err, source: source.name, sizeBytes: source.sizeBytes, everyLines: settings.progressLines })
  }

  async run(): Promise<ExitCode> {
    const { signal } = this.#stop
    const session = await openSession({ dataDir: this.#dataDir, clientId: REPLAY_CLIENT, settings: this.#settings, err: this.#err, signal })
    let closed = false
    try {
      const skipped = new SkippedLines(line => this.#progress.note(line))
      const reader = new MessageReader(this.#source, (line, reason) => skipped.add(line, reason))
      const fed = await this.#feed(session, reader)
      if (!fed.complete) {
        closed = true
        await session.close()
        return this.#interrupted(session.resumed + fed.events, fed)
      }
      skipped.finish()
      const summary = await this.#summary(session, reader, fed)
      closed = true
      await session.close({ snapshot: fed.events > 0 })
      this.#print(summary)
      return ExitCode.done
    } finally {
      if (!closed) await session.close({ snapshot: false }).catch(() => {})
    }
  }

  async #feed(session: ExchangeSession, reader: MessageReader): Promise<FedSource> {
    const stop = this.#stop.signal
    const { name } = this.#source
    const { resumed } = session
    const signal = AbortSignal.any([stop, session.failed])
    await skipJournaled(session, reader, name, signal)
    const start = { line: reader.line, offset: reader.offset }
    if (!(await reader.advance(signal))) {
      this.#err.line(`finished before: all ${count(resumed)} messages of ${name} are in the book; nothing was fed`)
      return { events: 0, seconds: 0, position: start, complete: true }
    }
    const already = resumed === 0 ? '' : `: ${count(resumed)} messages are in the journal already`
    this.#err.line(`${resumed === 0 ? 'started' : 'resumed'} at line ${count(reader.line)} of ${name}${already}`)
    return feedSource({ session, reader, start, progress: this.#progress, rate: this.#settings.rate, stop })
  }

  #interrupted(events: number, { position }: FedSource): ExitCode {
    const { reason, exitCode } = this.#stop
    this.#err.line(
      `stopped by ${reason} after line ${count(position.line)}: ${count(events)} messages are in the journal; the same command goes on from there`,
    )
    return exitCode
  }

  async #summary(session: ExchangeSession, reader: MessageReader, fed: FedSource): Promise<ReplaySummary> {
    const book = await session.client.query('summary')
    const nothing = fed.events === 0
    return {
      ...book,
      skipped: reader.skipped,
      eventsPerSecond: nothing ? 0 : Math.round(fed.events / fed.seconds),
      durableP99Us: nothing ? 0 : Math.round(session.node.status().latencyNs.durable.p99 / 1000),
    }
  }

  #print(summary: ReplaySummary): void {
    if (this.#settings.json === true) this.#out.line(summaryJson(summary))
    else for (const line of summaryLines(summary, this.#source.name)) this.#out.line(line)
  }
}
