import { isDisruptorError } from '@disruptorx/contracts'
import type { ReadonlyView } from '@disruptorx/layout'
import type { AnyApp, ApplyContext } from '../app/define-app.ts'
import { fingerprint } from '../app/fingerprint.ts'
import { activation, ENTRY_FORMAT, entryHeader, eventHeader, padded, TYPE_ACTIVATE, WANTS_REPLY } from '../entry/entry-format.ts'
import { LogRandom } from '../entry/log-random.ts'
import { AppError, AppHaltedError, AppMismatchError, FormatTooNewError, reasonOf } from '../errors.ts'
import { APPLY, DUPLICATE, EXPIRED, type KeptReply, SessionTable } from '../session/session-table.ts'
import { SnapshotBuffer, SnapshotInput } from '../snapshot/snapshot-buffer.ts'
import type { Snapshot, SnapshotFacts } from '../snapshot/snapshot-store.ts'

/** Where the outcome of an event goes, when its publisher waits for it. */
export interface ReplySink {
  /** It was applied. Returns the reply's bytes, which are kept for the case that the event comes again. */
  applied(client: number, number: number, index: number, ordinal: number, reply: unknown): Uint8Array
  /** It had been applied before; `kept` is its old reply, if that is still known. */
  duplicate(client: number, number: number, kept: KeptReply | undefined): void
  /** It was not applied: its session is forgotten, or a predecessor is missing. */
  refused(client: number, number: number, expired: boolean): void
}

/** One kind of event, ready to be applied from one memory. */
interface BoundEvent {
  readonly name: string
  readonly size: number
  readonly view: ReadonlyView<object> & { moveTo(offset: number): unknown }
  readonly apply: (state: never, event: never, ctx: ApplyContext) => unknown
}

class Context implements ApplyContext {
  now = 0
  index = 0
  ordinal = 0
  readonly random = new LogRandom()
}

/**
 * The user's state machine with the sessions beside it: both move by the log alone, so every replica and every replay comes to the same.
 */
export class StateMachine {
  readonly #app: AnyApp
  readonly #hash: number
  readonly #replies: ReplySink
  readonly #sessions = new SessionTable()
  readonly #events: (BoundEvent | undefined)[] = []
  readonly #entry: ReturnType<typeof entryHeader.view>
  readonly #event: ReturnType<typeof eventHeader.view>
  readonly #activation: ReturnType<typeof activation.view>
  readonly #ctx = new Context()
  #state: unknown
  #index = 0
  #term = 0
  #appliedEvents = 0
  #activeVersion = 0
  #activeHash = 0

  /** `memory` is where the entries will lie. @throws {AppError} the application threw */
  constructor(app: AnyApp, memory: ArrayBufferLike, replies: ReplySink) {
    this.#app = app
    this.#hash = fingerprint(app)
    this.#replies = replies
    this.#entry = entryHeader.view(memory)
    this.#event = eventHeader.view(memory)
    this.#activation = activation.view(memory)
    for (const [name, { type, layout }] of Object.entries(app.events)) {
      const apply = app.apply[name] as BoundEvent['apply']
      this.#events[type] = { name, size: layout.size, view: layout.view(memory), apply }
    }
    this.#state = this.#run('state', () => app.state())
  }

  /** The last entry applied. */
  get index(): number {
    return this.#index
  }

  /** Events applied, of all runs together; refused and repeated ones are not among them. */
  get appliedEvents(): number {
    return this.#appliedEvents
  }

  /** Whether the log says that this version of the application is the one in force. */
  get active(): boolean {
    return this.#activeVersion === this.#app.version && this.#activeHash === this.#hash
  }

  /** The number of the last event of a client that was applied. */
  lastNumber(client: number): number {
    return this.#sessions.lastNumber(client)
  }

  // Hot: benchmark `pipeline`. Nothing is allocated per event here; what `apply` does is its own.
  /**
   * Applies the entry that lies at `offset`.
   *
   * @throws {AppHaltedError} `apply` threw
   * @throws {AppMismatchError} the entry belongs to an application that this is not
   * @throws {FormatTooNewError} the entry was written by a newer version
   */
  apply(offset: number, index: number, term: number): void {
    const { format, count, time } = this.#entry.moveTo(offset)
    if (format !== ENTRY_FORMAT) throw new FormatTooNewError(`entry ${index}`, format, ENTRY_FORMAT)
    const ctx = this.#ctx
    ctx.now = Math.max(ctx.now, time)
    ctx.index = index
    let at = offset + entryHeader.size
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const event = this.#event.moveTo(at)
      ctx.ordinal = ordinal
      if (event.type === TYPE_ACTIVATE) this.#activate(at + eventHeader.size)
      else this.#applyEvent(event.client, event.number, event.type, event.flags, at + eventHeader.size)
      at += eventHeader.size + padded(event.length)
    }
    this.#index = index
    this.#term = term
  }

  /** Answers a question about the state. `undefined` when the application knows no such question. */
  query(name: string): ((args: unknown) => unknown) | undefined {
    const queries = this.#app.query
    if (queries === undefined || !Object.hasOwn(queries, name)) return undefined
    const answer = queries[name] as (state: unknown, args: unknown) => unknown
    return args => answer(this.#state, args)
  }

  /** Takes a snapshot of everything that the log decides. Its body begins with `sessionBytes` of sessions. @throws {AppError | SnapshotError} */
  capture(): { facts: SnapshotFacts; body: SnapshotBuffer; sessionBytes: number } {
    const body = new SnapshotBuffer()
    for (const piece of this.#sessions.save()) body.write(piece)
    const sessionBytes = body.length
    this.#run('snapshot.write', () => this.#app.snapshot.write(this.#state as never, body))
    const facts = {
      index: this.#index,
      term: this.#term,
      time: this.#ctx.now,
      events: this.#appliedEvents,
      appVersion: this.#activeVersion,
      appHash: this.#activeHash,
    }
    return { facts, body, sessionBytes }
  }

  /** Goes on from a snapshot. @throws {AppMismatchError | SnapshotError | AppError} */
  restore(snapshot: Snapshot): void {
    const { index, term, time, events, appVersion, appHash } = snapshot.facts
    this.#checkActive(appVersion, appHash)
    this.#sessions.restore(snapshot.sessions)
    this.#state = this.#run('snapshot.read', () => this.#app.snapshot.read(new SnapshotInput(snapshot.name, snapshot.state)))
    this.#index = index
    this.#term = term
    this.#appliedEvents = events
    this.#ctx.now = time
    this.#activeVersion = appVersion
    this.#activeHash = appHash
  }

  /** Runs code of the application that is no `apply`. @throws {AppError} it threw: our own errors pass as they are */
  #run<T>(what: string, code: () => T): T {
    try {
      return code()
    } catch (error) {
      if (isDisruptorError(error)) throw error
      throw new AppError(this.#app.name, `${what} threw: ${reasonOf(error)}`, { cause: error })
    }
  }

  #applyEvent(client: number, number: number, type: number, flags: number, payload: number): void {
    const { index, ordinal, random } = this.#ctx
    const event = this.#events[type]
    if (event === undefined) throw this.#mismatch(`entry ${index} holds an event of type ${type}, which it does not have`)
    const wantsReply = (flags & WANTS_REPLY) !== 0
    const admission = this.#sessions.admit(client, number, index)
    if (admission !== APPLY) {
      this.#refuse(client, number, admission, wantsReply)
      return
    }
    random.seed(index, ordinal)
    event.view.moveTo(payload)
    let reply: unknown
    try {
      reply = event.apply(this.#state as never, event.view as never, this.#ctx)
    } catch (error) {
      throw new AppHaltedError(this.#app.name, event.name, index, ordinal, error)
    }
    this.#appliedEvents++
    if (wantsReply) this.#sessions.keepReply(client, number, index, ordinal, this.#replies.applied(client, number, index, ordinal, reply))
  }

  /** A refusal is told to its publisher in any case: whoever streams must not believe that it was applied. */
  #refuse(client: number, number: number, admission: number, wantsReply: boolean): void {
    if (admission !== DUPLICATE) this.#replies.refused(client, number, admission === EXPIRED)
    else if (wantsReply) this.#replies.duplicate(client, number, this.#sessions.reply(client, number))
  }

  #activate(offset: number): void {
    const { version, hash } = this.#activation.moveTo(offset)
    this.#checkActive(version, hash)
    this.#activeVersion = version
    this.#activeHash = hash
  }

  #checkActive(version: number, hash: number): void {
    if (version === 0) return
    if (version > this.#app.version) throw this.#mismatch('a newer version wrote it; run that one', version)
    if (version === this.#app.version && hash !== this.#hash)
      throw this.#mismatch('its name or the layout of its events differs; give the changed application a higher version', version)
  }

  #mismatch(problem: string, stored = this.#activeVersion): AppMismatchError {
    return new AppMismatchError(this.#app.name, this.#app.version, stored, problem)
  }
}
