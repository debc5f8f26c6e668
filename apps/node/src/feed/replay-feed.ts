import { isAbortOf } from '../cli/abort.ts'
import { SourceError } from '../cli/errors.ts'
import type { ExchangeSession } from '../session/open-session.ts'
import { count } from '../view/format.ts'
import type { ReplayPosition, ReplayProgress } from '../view/replay-progress.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { Gate } from './gate.ts'
import type { MessageReader } from './message-reader.ts'
import { OrderPublisher } from './order-publisher.ts'

/**
 * Reads the messages that are in the journal already, and checks that they are the same.
 *
 * @throws {SourceError} the source ends before, or its bytes up to there are others
 */
export async function skipJournaled(session: ExchangeSession, reader: MessageReader, source: string, signal: AbortSignal): Promise<void> {
  const { resumed } = session
  if (resumed === 0) return
  await session.stream.whenApplied(resumed, { signal })
  const last = await session.client.query('source', undefined, { signal })
  while (reader.count < resumed) {
    if (!(await reader.advance(signal))) {
      const found = `it has ${count(reader.count)} messages, and ${count(resumed)} of the one before are in the journal`
      throw otherSource(source, found)
    }
  }
  if (reader.line !== last.line || reader.hashLow !== last.hashLow || reader.hashHigh !== last.hashHigh)
    throw otherSource(source, `its bytes up to line ${count(reader.line)} differ from those that were journaled`)
}

function otherSource(source: string, found: string): SourceError {
  return new SourceError(
    `${source} is not the source that this data directory goes on from: ${found}. Name another directory with --data-dir, or begin anew with --restart; nothing was changed`,
  )
}

/** How the feeding of a source went. */
export interface FedSource {
  /** Messages of this run. */
  readonly events: number
  /** From the first of them until all were applied. */
  readonly seconds: number
  /** Where the last durable message stands. */
  readonly position: ReplayPosition
  /** Whether the source was read to its end; false when it was asked to stop. */
  readonly complete: boolean
}

interface FeedOptions {
  readonly session: ExchangeSession
  /** At the first message to feed. */
  readonly reader: MessageReader
  /** Where the last message of earlier runs stands. */
  readonly start: ReplayPosition
  readonly progress: ReplayProgress
  /** Events per second; undefined: as fast as the journal takes them. */
  readonly rate: number | undefined
  /** Asks to stop: what is in flight is drained. */
  readonly stop: AbortSignal
}

/** Feeds what is left of a source, and resolves when all of it, or all until it was asked to stop, is durable and applied. */
export async function feedSource(options: FeedOptions): Promise<FedSource> {
  const { session, start, progress, rate, stop } = options
  const { stream, resumed, failed } = session
  const signal = AbortSignal.any([stop, failed])
  const gate = new Gate(stream, rate, signal)
  const acknowledgements = new Acknowledgements(resumed, start)
  const from = performance.now()
  let complete = false
  try {
    await publishAll(options, gate, signal, acknowledgements)
    complete = true
  } catch (error) {
    failed.throwIfAborted()
    if (!isAbortOf(stop, error)) throw error
  }
  await gate.drain()
  const seconds = (performance.now() - from) / 1000
  const position = acknowledgements.position(stream.durable)
  progress.finish(position, complete)
  return { events: stream.applied - resumed, seconds, position, complete }
}

async function publishAll(options: FeedOptions, gate: Gate, signal: AbortSignal, acknowledgements: Acknowledgements): Promise<void> {
  const { session, reader, progress } = options
  const { stream } = session
  const orders = new OrderPublisher(stream)
  let admitted = 0
  for (;;) {
    // Hot: benchmark `pipeline`. Nothing is awaited per message.
    do {
      if (admitted === 0) {
        admitted = await gate.admit()
        progress.update(acknowledgements.position(stream.durable))
      }
      while (!orders.offer(reader.message, reader.line, reader.hashLow, reader.hashHigh)) await gate.room()
      acknowledgements.note(stream.published, reader.line, reader.offset)
      admitted--
    } while (reader.next())
    await gate.flush()
    progress.update(acknowledgements.position(stream.durable))
    if (!(await reader.advance(signal))) return
  }
}
