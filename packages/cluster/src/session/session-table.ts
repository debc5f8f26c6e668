import { type Codec, DisruptorError } from '@disruptorx/contracts'
import { msgpackCodec } from '@disruptorx/serializer'

/** What is to be done with an event of a session. */
export const APPLY = 0
/** It was applied before: its old reply is due. */
export const DUPLICATE = 1
/** Its session was forgotten. */
export const EXPIRED = 2
/** One of its predecessors is missing. */
const GAP = 3

/** One of {@link APPLY}, {@link DUPLICATE}, {@link EXPIRED}, {@link GAP}. */
export type Admission = 0 | 1 | 2 | 3

/** A reply that is kept for the case that its event comes again. */
export interface KeptReply {
  readonly number: number
  readonly index: number
  readonly ordinal: number
  readonly bytes: Uint8Array
}

interface Session {
  readonly client: number
  last: number
  lastUsed: number
  replies: KeptReply[]
}

/** Sessions that are remembered at a time. */
const MAX_SESSIONS = 10_000
/** Replies that are kept of each session. */
const MAX_REPLIES = 64
/** Bytes of one session in a snapshot at the most: its replies, each of at most 64 KiB. */
const MAX_SESSION_BYTES = MAX_REPLIES * 66 * 1024

type StoredSession = [client: number, last: number, lastUsed: number, replies: [number, number, number, Uint8Array][]]

/**
 * Who has published what: the reason why a retried or replayed event takes effect once.
 *
 * It is part of the replicated state: everything here is decided by the log alone, evictions too. A client's numbers count 1, 2, 3, ...
 * Algorithm: the sessions of the Raft thesis (Ongaro, section 6.3), with strictly consecutive numbers.
 */
export class SessionTable {
  readonly #sessions = new Map<number, Session>()
  readonly #max: number
  /** The session of the last event: most events come in runs of one client. */
  #current: Session | undefined

  constructor(maxSessions = MAX_SESSIONS) {
    this.#max = maxSessions
  }

  /** Sessions known now. */
  get size(): number {
    return this.#sessions.size
  }

  /** The number of the last event applied for a client; 0 when it is not known. */
  lastNumber(client: number): number {
    return this.#sessions.get(client)?.last ?? 0
  }

  // Hot: benchmark `pipeline`. One comparison for an event that follows one of its own client.
  /** Decides about event `number` of `client` in entry `index`, and counts it when it is to be applied. */
  admit(client: number, number: number, index: number): Admission {
    let session = this.#current
    if (session === undefined || session.client !== client) {
      session = this.#sessions.get(client)
      if (session === undefined) {
        if (number !== 1) return EXPIRED
        session = this.#open(client, index)
      }
      this.#current = session
    }
    if (number <= session.last) return DUPLICATE
    if (number !== session.last + 1) return GAP
    session.last = number
    session.lastUsed = index
    return APPLY
  }

  /** Keeps the reply of the event that was admitted last. `bytes` is copied. */
  keepReply(number: number, index: number, ordinal: number, bytes: Uint8Array): void {
    const replies = this.#current?.replies
    if (replies === undefined) return
    if (replies.length === MAX_REPLIES) replies.shift()
    replies.push({ number, index, ordinal, bytes: bytes.slice() })
  }

  /** The reply kept for an event, if it is not too long ago. */
  reply(client: number, number: number): KeptReply | undefined {
    return this.#sessions.get(client)?.replies.find(reply => reply.number === number)
  }

  /** The whole table as bytes, in pieces: the same bytes for the same history. */
  *save(): Generator<Uint8Array> {
    const codec = sessionCodec()
    const target = new Uint8Array(MAX_SESSION_BYTES)
    const length = new DataView(new ArrayBuffer(4))
    length.setUint32(0, this.#sessions.size, true)
    yield new Uint8Array(length.buffer.slice(0))
    for (const { client, last, lastUsed, replies } of this.#sessions.values()) {
      const stored: StoredSession = [client, last, lastUsed, replies.map(r => [r.number, r.index, r.ordinal, r.bytes])]
      const bytes = codec.encode(stored, target, 0)
      length.setUint32(0, bytes, true)
      yield new Uint8Array(length.buffer.slice(0))
      yield target.slice(0, bytes)
    }
  }

  /** Takes the state that {@link save} gave. @throws {DisruptorError} DX_SESSIONS when it is none */
  restore(source: Uint8Array): void {
    const codec = sessionCodec()
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
    this.#sessions.clear()
    this.#current = undefined
    let at = 4
    const count = source.length < 4 ? 0 : view.getUint32(0, true)
    for (let i = 0; i < count; i++) {
      const length = at + 4 <= source.length ? view.getUint32(at, true) : source.length
      if (at + 4 + length > source.length)
        throw new DisruptorError('DX_SESSIONS', `the sessions of a snapshot end early: ${i} of ${count} are there`, { count, read: i })
      const [client, last, lastUsed, replies] = codec.decode(source, at + 4, length)
      const kept = replies.map(([number, index, ordinal, bytes]) => ({ number, index, ordinal, bytes: Uint8Array.from(bytes) }))
      this.#sessions.set(client, { client, last, lastUsed, replies: kept })
      at += 4 + length
    }
  }

  #open(client: number, index: number): Session {
    if (this.#sessions.size >= this.#max) this.#forgetOldest()
    const session: Session = { client, last: 0, lastUsed: index, replies: [] }
    this.#sessions.set(client, session)
    return session
  }

  /** Forgets the session that was idle longest. A whole scan, because it happens only when a new session meets a full table. */
  #forgetOldest(): void {
    let oldest: Session | undefined
    for (const session of this.#sessions.values()) if (oldest === undefined || session.lastUsed < oldest.lastUsed) oldest = session
    if (oldest === undefined) return
    this.#sessions.delete(oldest.client)
    if (this.#current === oldest) this.#current = undefined
  }
}

function sessionCodec(): Codec<StoredSession> {
  return msgpackCodec<StoredSession>({ maxBytes: MAX_SESSION_BYTES })
}
