import type { Codec } from '@disruptorx/contracts'
import type { ByteProducer, ByteRing } from '@disruptorx/core'
import { msgpackCodec } from '@disruptorx/serializer'
import type { KeptReply } from '../session/session-table.ts'
import { egressHeader, egressKind } from './rings.ts'
import type { ReplySink } from './state-machine.ts'

/** Bytes of a reply at the most: many of them are kept. */
export const MAX_REPLY_BYTES = 64 * 1024
/** Bytes of an answer at the most. */
export const MAX_ANSWER_BYTES = 256 * 1024

const nothing = new Uint8Array(0)

interface Waiting {
  readonly header: { client: number; number: number; index: number; ordinal: number; kind: number }
  readonly bytes: Uint8Array
}

/**
 * Sends replies and answers to the user's thread.
 *
 * What finds no room in the ring waits here; the handler takes no further entry until it is gone ({@link flush}), so at most one entry's worth waits.
 */
export class Replies implements ReplySink {
  readonly #ring: ByteRing
  readonly #producer: ByteProducer
  readonly #header: ReturnType<typeof egressHeader.view>
  readonly #codec: Codec<unknown> = msgpackCodec({ maxBytes: MAX_ANSWER_BYTES })
  readonly #scratch = new Uint8Array(MAX_ANSWER_BYTES)
  #waiting: Waiting[] = []
  /** Whether replies go nowhere: nobody waits for those to events of an earlier run. */
  muted = false

  constructor(ring: ByteRing) {
    this.#ring = ring
    this.#producer = ring.producer()
    this.#header = egressHeader.view(ring.memory)
  }

  applied(client: number, number: number, index: number, ordinal: number, reply: unknown): Uint8Array {
    const length = this.#encode(reply)
    const fits = length <= MAX_REPLY_BYTES
    const bytes = fits ? this.#scratch.subarray(0, length) : nothing
    this.#send({ client, number, index, ordinal, kind: fits ? egressKind.reply : egressKind.tooLarge }, bytes)
    return bytes
  }

  duplicate(client: number, number: number, kept: KeptReply | undefined): void {
    const { index, ordinal, bytes } = kept ?? { index: 0, ordinal: 0, bytes: nothing }
    this.#send({ client, number, index, ordinal, kind: egressKind.duplicate }, bytes)
  }

  refused(client: number, number: number, expired: boolean): void {
    this.#send({ client, number, index: 0, ordinal: 0, kind: expired ? egressKind.expired : egressKind.gap }, nothing)
  }

  /** Sends the answer to a question. */
  answer(number: number, value: unknown): void {
    const length = this.#encode(value)
    if (length > MAX_ANSWER_BYTES) this.queryError(number, `its answer has more than ${MAX_ANSWER_BYTES} bytes`)
    else this.#send({ client: 0, number, index: 0, ordinal: 0, kind: egressKind.answer }, this.#scratch.subarray(0, length))
  }

  /** Tells that a question has no answer, and why. */
  queryError(number: number, problem: string): void {
    const length = this.#encode(problem.slice(0, 4096))
    this.#send({ client: 0, number, index: 0, ordinal: 0, kind: egressKind.queryError }, this.#scratch.subarray(0, length))
  }

  /** Makes replies visible. False when some still find no room. */
  flush(): boolean {
    const waiting = this.#waiting
    let sent = 0
    while (sent < waiting.length && this.#write((waiting[sent] as Waiting).header, (waiting[sent] as Waiting).bytes)) sent++
    if (sent > 0) this.#waiting = waiting.slice(sent)
    this.#producer.publish()
    return this.#waiting.length === 0
  }

  /** Bytes that a value takes; more than {@link MAX_ANSWER_BYTES} when it does not fit, or is nothing that msgpack can carry. */
  #encode(value: unknown): number {
    try {
      return this.#codec.encode(value, this.#scratch, 0)
    } catch {
      return MAX_ANSWER_BYTES + 1
    }
  }

  #send(header: Waiting['header'], bytes: Uint8Array): void {
    if (this.muted && header.client !== 0) return
    if (this.#waiting.length > 0 || !this.#write(header, bytes)) this.#waiting.push({ header, bytes: bytes.slice() })
  }

  #write(header: Waiting['header'], bytes: Uint8Array): boolean {
    const offset = this.#producer.tryClaim(egressHeader.size + bytes.length)
    if (offset === -1) return false
    this.#header.moveTo(offset).set(header)
    this.#ring.bytes.set(bytes, offset + egressHeader.size)
    return true
  }
}
