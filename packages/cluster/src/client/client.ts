import { type Clock, type Closeable, ClosedError, OptionError } from '@disruptorx/contracts'
import { oneOf, wholeNumber } from '@disruptorx/contracts/internal'
import type { AnyApp } from '../app/define-app.ts'
import { WANTS_REPLY } from '../entry/entry-format.ts'
import { QUERY_LAST_NUMBER } from '../partition/handler-step.ts'
import { EventStream } from './event-stream.ts'
import { checkTimeout, type WaitOptions } from './limited.ts'
import { SessionPublisher } from './session-publisher.ts'
import type { UserPort } from './user-port.ts'

/**
 * What a publisher waits for: `none`: the event was taken; `local`: durable here and applied; `quorum`: committed and applied; `all`: durable on
 * every voter and applied. On one node the last three are the same.
 */
export type AckLevel = 'none' | 'local' | 'quorum' | 'all'

/** How an event is published. */
export interface PublishOptions<Ack extends AckLevel = AckLevel> extends WaitOptions {
  /** @default 'quorum' */
  readonly ack?: Ack
  /** The event's number, to publish it again after its outcome was not known: it takes effect once. @default the next one */
  readonly number?: number
}

/** What became of an event. */
export type Published<Reply> = {
  /** The event's number among those of this client. */
  readonly number: number
  /** The entry that holds the event, and the event's place in it. 0 and 0 for a repeated event whose reply is no longer known. */
  readonly index: number
  readonly ordinal: number
} & (
  | { readonly duplicate: false; readonly reply: Reply }
  /** It had been applied before. `undefined` as the reply can mean that it is no longer known: the newest 65,536 of all clients are kept. */
  | { readonly duplicate: true; readonly reply: Reply | undefined }
)

/** What is known of an event that nobody waits for. */
export interface Taken {
  readonly number: number
}

/** How long a closing client waits for the ring to take its last events. */
const CLOSE_TIMEOUT_MS = 30_000

/**
 * A session with a partition: publishes events, each of which takes effect once, and asks questions.
 *
 * The events of one client are applied in the order of their numbers. One client serves one thread; make as many as there are publishers.
 */
export class Client<
  Values extends Record<string, object>,
  Replies extends Record<keyof Values, unknown>,
  Args extends Record<string, unknown>,
  Answers extends Record<keyof Args, unknown>,
> implements Closeable
{
  /** Names this client in the log. */
  readonly clientId: number
  readonly #app: AnyApp
  readonly #port: UserPort
  readonly #clock: Clock
  readonly #fresh: boolean
  readonly #onClosed: () => void
  #publisher: Promise<SessionPublisher> | undefined
  #closing: Promise<void> | undefined

  /** For {@link Node.client}. A `fresh` client has a new id, which the log cannot know. */
  constructor(app: AnyApp, port: UserPort, clock: Clock, clientId: number, fresh: boolean, onClosed: () => void) {
    this.clientId = wholeNumber('clientId', clientId, 1, Number.MAX_SAFE_INTEGER)
    this.#app = app
    this.#port = port
    this.#clock = clock
    this.#fresh = fresh
    this.#onClosed = onClosed
  }

  /** The number of this client's last event in the log, 0 when there is none: where it goes on after a restart. */
  async resume(options: WaitOptions = {}): Promise<number> {
    this.#checkOpen()
    if (this.#fresh) return 0
    // What this client's predecessor published may still be on its way: only when all of that is applied is the answer final.
    const { rings, progress } = this.#port
    const last = rings.ingress.cursor.get()
    await this.#port.until('earlier events to be applied', () => progress.appliedSequence.get() >= last, options)
    return (await this.#port.query(QUERY_LAST_NUMBER, this.clientId, options)) as number
  }

  /**
   * Publishes an event and waits as `ack` says. What `apply` returned is the reply.
   *
   * @throws {OptionError | FieldError} no such event, or a value outside its field: nothing was published
   * @throws {OutcomeUnknownError} it was published, and then the wait was aborted, timed out, or the node ended
   * @throws {SessionExpiredError | SessionGapError | ReplyTooLargeError}
   */
  async publish<Name extends keyof Values & string, Ack extends AckLevel = 'quorum'>(
    type: Name,
    value: Values[Name],
    options: PublishOptions<Ack> = {},
  ): Promise<Ack extends 'none' ? Taken : Published<Replies[Name]>> {
    const ack = oneOf('ack', options.ack ?? 'quorum', ['none', 'local', 'quorum', 'all'])
    if (options.number !== undefined) wholeNumber('number', options.number, 1, Number.MAX_SAFE_INTEGER)
    checkTimeout(options.timeoutMs)
    this.#checkOpen()
    const publisher = await this.#open()
    const flags = ack === 'none' ? 0 : WANTS_REPLY
    while (!publisher.tryPublish(type, value, flags, options.number)) await publisher.ready(options)
    const number = options.number ?? publisher.claimed
    type Result = Ack extends 'none' ? Taken : Published<Replies[Name]>
    if (ack === 'none') return { number } as Result
    const { index, ordinal, duplicate, value: reply } = await this.#port.reply(this.clientId, number, options)
    return { number, index, ordinal, duplicate, reply } as Result
  }

  /** Opens the fast way to publish, going on after the last event that the log holds. */
  async stream(): Promise<EventStream<Values>> {
    this.#checkOpen()
    return new EventStream(await this.#open(), this.#port)
  }

  /** Asks the application. The answer is of a state that holds everything this client knows to be applied. @throws {QueryError} */
  async query<Name extends keyof Args & keyof Answers & string>(
    name: Name,
    args?: Args[Name],
    options: WaitOptions = {},
  ): Promise<Answers[Name]> {
    this.#checkOpen()
    if (name.startsWith('$')) throw new OptionError('query', name, 'a query of the application')
    return (await this.#port.query(name, args, options)) as Answers[Name]
  }

  /**
   * Makes visible what was taken and gives the session back: another client may go on with its id. Waits at most 30 s, or `timeoutMs`, for room in the ring.
   * Safe to call twice: the second call gets what the first one comes to.
   *
   * @throws {TimeoutError} what was taken and not yet visible is gone; {@link OptionError} at once, and nothing is closed
   */
  close(options: WaitOptions = {}): Promise<void> {
    checkTimeout(options.timeoutMs)
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(options: WaitOptions): Promise<void> {
    const publisher = await this.#publisher?.catch(() => undefined)
    try {
      if (publisher !== undefined && this.#port.ended === undefined) await publisher.drain({ timeoutMs: CLOSE_TIMEOUT_MS, ...options })
    } finally {
      publisher?.close()
      this.#onClosed()
    }
  }

  #open(): Promise<SessionPublisher> {
    this.#publisher ??= this.resume().then(last => new SessionPublisher(this.#app, this.#port, this.#clock, this.clientId, last))
    return this.#publisher
  }

  #checkOpen(): void {
    if (this.#port.ended !== undefined) throw this.#port.ended
    if (this.#closing !== undefined) throw new ClosedError('the client')
  }
}
