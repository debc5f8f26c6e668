import type { StatusProvider } from '../http/status-server.ts'
import type { ExchangeSession } from '../session/open-session.ts'
import type { StatusSample } from '../view/status-sample.ts'
import { RateMeter } from './rate-meter.ts'

const TOP_LEVELS = 5
const RATE_WINDOW_MS = 1000
/** A book that is asked for takes this long at most; a handler that is behind answers later. */
const BOOK_WAIT_MS = 1000
const COUNT_EVERY_MS = 450

/** What stays the same in a live node's status. */
export interface LiveSettings {
  readonly dataDir: string
  readonly durability: 'fsync' | 'interval' | 'none'
  readonly seed: number
  readonly rate: number
}

/** Knows the status of a live node, for its view and for HTTP. */
export class StatusBoard implements StatusProvider {
  readonly #settings: LiveSettings
  readonly #startedAt = performance.now()
  readonly #rate = new RateMeter(RATE_WINDOW_MS)
  #session: ExchangeSession | undefined
  #state: StatusSample['state'] = 'running'
  #eventsPerSecond = 0
  #book: StatusSample['book'] = { restingOrders: 0, bids: [], asks: [] }
  #asking: Promise<void> | undefined
  #countAt = 0

  constructor(settings: LiveSettings) {
    this.#settings = settings
  }

  /** Tells it the node, once it is open. */
  opened(session: ExchangeSession): void {
    this.#session = session
    this.refresh()
  }

  /** Tells it that the node was asked to end. */
  draining(): void {
    this.#state = 'draining'
  }

  healthy(): boolean {
    return this.#session !== undefined && this.#state === 'running' && !this.#session.failed.aborted
  }

  /** Looks at the node again: for the rate, and asks for the book, whose answer the next status shows. */
  refresh(): void {
    const session = this.#session
    if (session === undefined || session.failed.aborted) return
    this.#eventsPerSecond = this.#rate.look(performance.now(), session.stream.durable)
    this.#asking ??= this.#askBook(session)
      .catch(() => {})
      .finally(() => {
        this.#asking = undefined
      })
  }

  status(): StatusSample | undefined {
    const session = this.#session
    if (session === undefined) return undefined
    const { stream, failed } = session
    const { latencyNs, log, journalBytes, sequences } = session.node.status()
    const { published, durable } = stream
    // From the ring's own cells: a stream that is rarely asked answers late.
    const lag = { durable: sequences.published - sequences.durable, applied: sequences.durable - sequences.applied }
    const failure = failed.aborted ? { failure: String((failed.reason as Error).message) } : {}
    return {
      state: failed.aborted ? 'failed' : this.#state,
      ...failure,
      uptimeSeconds: Math.round(performance.now() - this.#startedAt) / 1000,
      ...this.#settings,
      eventsPerSecond: this.#eventsPerSecond,
      events: { published, durable, applied: Math.max(0, durable - lag.applied) },
      lag,
      latencyNs,
      log,
      journalBytes,
      book: this.#book,
    }
  }

  async #askBook({ client }: ExchangeSession): Promise<void> {
    const options = { timeoutMs: BOOK_WAIT_MS }
    const { bids, asks } = await client.query('top', { levels: TOP_LEVELS }, options)
    let { restingOrders } = this.#book
    // A summary walks the whole book on the handler's thread: not at each redraw.
    if (performance.now() >= this.#countAt) {
      restingOrders = (await client.query('summary', undefined, options)).restingOrders
      // An empty book is counted again at once: it is about to fill.
      if (restingOrders > 0) this.#countAt = performance.now() + COUNT_EVERY_MS
    }
    this.#book = { restingOrders, bids, asks }
  }
}
