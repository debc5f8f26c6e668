import { AbortedError, type DisruptorError, type Scheduler, type Step, TimeoutError } from '@disruptorx/contracts'
import { type ByteConsumer, type ByteProducer, type ParkingParker, runStepAsync } from '@disruptorx/core'
import { msgpackCodec } from '@disruptorx/serializer'
import { OutcomeUnknownError, QueryError, ReplyTooLargeError, SessionExpiredError, SessionGapError } from '../errors.ts'
import type { Progress } from '../partition/progress.ts'
import { MAX_ANSWER_BYTES, MAX_REPLY_BYTES } from '../partition/replies.ts'
import { egressHeader, egressKind, type PartitionRings, queryHeader } from '../partition/rings.ts'
import { checkTimeout, limited, type WaitOptions } from './limited.ts'

/** The reply to an event, as it came. */
export interface RawReply {
  readonly index: number
  readonly ordinal: number
  readonly duplicate: boolean
  /** `undefined` also when a repeated event's old reply is no longer known. */
  readonly value: unknown
}

/** An event that was not applied. */
export interface Refusal {
  readonly number: number
  readonly error: DisruptorError
}

interface Deferred<T> {
  resolve(value: T): void
  reject(error: Error): void
}

interface Waiter extends Deferred<void> {
  readonly met: () => boolean
}

const RECORDS_PER_STEP = 256

/**
 * The user's thread of a partition: takes replies out of the egress ring, sends questions, and wakes whoever waits for a sequence to move.
 *
 * It runs only while somebody waits, so a user who streams events and looks at the progress cells costs nothing here.
 */
export class UserPort implements Step {
  readonly rings: PartitionRings
  readonly progress: Progress
  readonly #scheduler: Scheduler
  readonly #onFault: (thrown: unknown) => void
  readonly #parker: ParkingParker
  readonly #egress: ByteConsumer
  readonly #questions: ByteProducer
  readonly #record: ReturnType<typeof egressHeader.view>
  readonly #question: ReturnType<typeof queryHeader.view>
  readonly #codec = msgpackCodec<unknown>({ maxBytes: MAX_ANSWER_BYTES })
  readonly #scratch = new Uint8Array(MAX_ANSWER_BYTES)
  readonly #waiters = new Set<Waiter>()
  readonly #replies = new Map<string, Deferred<RawReply>[]>()
  readonly #answers = new Map<number, Deferred<unknown> & { readonly name: string }>()
  readonly #refusals = new Map<number, Refusal>()
  #lastQuestion = 0
  #running = false
  #settling = false
  #ended: DisruptorError | undefined

  /** `onFault` is called with what this side itself fails with: an answer that is none, say. It has to {@link end} the port. */
  constructor(rings: PartitionRings, progress: Progress, scheduler: Scheduler, onFault: (thrown: unknown) => void) {
    this.rings = rings
    this.progress = progress
    this.#scheduler = scheduler
    this.#onFault = onFault
    this.#parker = rings.parkingLot.parker()
    this.#egress = rings.egress.consumer()
    this.#questions = rings.query.producer()
    this.#record = egressHeader.view(rings.egress.memory)
    this.#question = queryHeader.view(rings.query.memory)
  }

  /** The first event of a client that was not applied although nobody waited for its reply, and why. */
  refusal(client: number): Refusal | undefined {
    return this.#refusals.get(client)
  }

  /** Forgets a client's refusal: a new session begins. */
  forgetRefusal(client: number): void {
    this.#refusals.delete(client)
  }

  /** Whether every reply that somebody waited for has come. */
  get quiet(): boolean {
    return this.#replies.size === 0
  }

  /** Why nothing more can come: the node was closed, or it failed. */
  get ended(): DisruptorError | undefined {
    return this.#ended
  }

  /** Resolves when `met()` is true. It is asked whenever something moved. @throws {AbortedError | TimeoutError} or why the node ended */
  async until(what: string, met: () => boolean, options: WaitOptions = {}): Promise<void> {
    checkTimeout(options.timeoutMs)
    if (this.#ended !== undefined) throw this.#ended
    if (met()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { met, resolve, reject }
    this.#waiters.add(waiter)
    this.#run()
    try {
      await limited(what, promise, options, this.#scheduler)
    } finally {
      this.#waiters.delete(waiter)
    }
  }

  /** Resolves with the reply to an event that is about to be made visible. @throws what became of it, if it was not applied */
  async reply(client: number, number: number, options: WaitOptions = {}): Promise<RawReply> {
    const { promise, resolve, reject } = Promise.withResolvers<RawReply>()
    const key = `${client}:${number}`
    const others = this.#replies.get(key)
    if (others === undefined) this.#replies.set(key, [{ resolve, reject }])
    else others.push({ resolve, reject })
    this.#run()
    try {
      return await limited('publish', promise, options, this.#scheduler)
    } catch (error) {
      if (error instanceof AbortedError || error instanceof TimeoutError || error === this.#ended)
        throw new OutcomeUnknownError(client, number, error)
      throw error
    }
  }

  /** Asks the handler. @throws {QueryError} it has no answer */
  async query(name: string, args: unknown, options: WaitOptions = {}): Promise<unknown> {
    const length = this.#codec.encode([name, args], this.#scratch, 0)
    const bytes = this.#scratch.slice(0, length)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    promise.catch(() => undefined)
    // Claimed, written and published in one go: a wait that ends early never leaves a half-written question behind.
    const sent = () => {
      const offset = this.#questions.tryClaim(queryHeader.size + length)
      if (offset === -1) return false
      const number = ++this.#lastQuestion
      this.#question.moveTo(offset).number = number
      this.rings.query.bytes.set(bytes, offset + queryHeader.size)
      this.#answers.set(number, { name, resolve, reject })
      this.#questions.publish()
      return true
    }
    await this.until(`query ${name}`, sent, options)
    this.#run()
    return await limited(`query ${name}`, promise, options, this.#scheduler)
  }

  /** Rejects everything that waits, and whatever will ask. */
  end(reason: DisruptorError): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const waiter of this.#waiters) waiter.reject(reason)
    for (const deferreds of this.#replies.values()) for (const { reject } of deferreds) reject(reason)
    for (const { reject } of this.#answers.values()) reject(reason)
    this.#waiters.clear()
    this.#replies.clear()
    this.#answers.clear()
    this.rings.parkingLot.unparkAll()
  }

  /** Takes what the handler sent so far. @throws why the node ended, if this is what ends it */
  look(): void {
    try {
      this.step()
    } catch (thrown) {
      this.#onFault(thrown)
      throw this.#ended ?? thrown
    }
  }

  step(): number {
    let taken = 0
    while (taken < RECORDS_PER_STEP && this.#egress.peek()) {
      this.#take(this.#egress.offset, this.#egress.length)
      this.#egress.advance()
      taken++
    }
    this.#egress.release()
    if (!this.#settling) this.#settle()
    return taken > 0 ? 0 : Infinity
  }

  /** Wakes whoever got what it waited for. A condition may look at the port again: that does not settle anybody else. */
  #settle(): void {
    this.#settling = true
    for (const waiter of this.#waiters) {
      try {
        if (!waiter.met()) continue
        waiter.resolve()
      } catch (error) {
        waiter.reject(error as Error)
      }
      this.#waiters.delete(waiter)
    }
    this.#settling = false
  }

  #run(): void {
    if (this.#running || this.#ended !== undefined) return
    this.#running = true
    const idle = () => this.#ended !== undefined || (this.#waiters.size === 0 && this.#replies.size === 0 && this.#answers.size === 0)
    runStepAsync(this, { parker: this.#parker, stopped: idle }).then(
      () => {
        this.#running = false
        if (!idle()) this.#run()
      },
      (thrown: unknown) => this.#onFault(thrown),
    )
  }

  #take(offset: number, length: number): void {
    const { client, number, index, ordinal, kind } = this.#record.moveTo(offset)
    const value = this.#decode(offset + egressHeader.size, length - egressHeader.size)
    if (client === 0) {
      const answer = this.#answers.get(number)
      this.#answers.delete(number)
      if (kind === egressKind.answer) answer?.resolve(value)
      else answer?.reject(new QueryError(answer.name, String(value)))
      return
    }
    const key = `${client}:${number}`
    const failure = refusal(client, number, kind, length)
    const deferreds = this.#replies.get(key)
    if (deferreds === undefined) {
      if (failure !== undefined && !this.#refusals.has(client)) this.#refusals.set(client, { number, error: failure })
      return
    }
    const first = deferreds.shift()
    if (deferreds.length === 0) this.#replies.delete(key)
    if (failure === undefined) first?.resolve({ index, ordinal, duplicate: kind === egressKind.duplicate, value })
    else first?.reject(failure)
  }

  #decode(offset: number, length: number): unknown {
    if (length === 0) return undefined
    return this.#codec.decode(this.rings.egress.bytes.slice(offset, offset + length), 0, length)
  }
}

function refusal(client: number, number: number, kind: number, length: number): DisruptorError | undefined {
  switch (kind) {
    case egressKind.expired:
      return new SessionExpiredError(client, number)
    case egressKind.gap:
      return new SessionGapError(client, number)
    case egressKind.tooLarge:
      return new ReplyTooLargeError(`the reply to event ${number}`, length, MAX_REPLY_BYTES)
    default:
      return undefined
  }
}
