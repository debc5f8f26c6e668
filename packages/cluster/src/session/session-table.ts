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
}

/** Sessions that are remembered at a time. */
const MAX_SESSIONS = 10_000
/** Replies that are kept in all. */
const MAX_REPLIES = 65_536
/** Bytes of all kept replies. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024
/** Bytes of one stored session or reply at the most. */
const MAX_RECORD_BYTES = 66 * 1024

type StoredSession = [client: number, last: number, lastUsed: number]
type StoredReply = [client: number, number: number, index: number, ordinal: number, bytes: Uint8Array]

/**
 * Who has published what: the reason why a retried or replayed event takes effect once.
 *
 * It is part of the replicated state: everything here is decided by the log alone, evictions too. A client's numbers count 1, 2, 3, ...
 * Algorithm: the sessions of the Raft thesis (Ongaro, section 6.3), with strictly consecutive numbers.
 */
export class SessionTable {
  readonly #sessions = new Map<number, Session>()
  /** The newest replies of all clients, oldest first. */
  readonly #replies = new Map<string, KeptReply & { readonly client: number }>()
  #replyBytes = 0
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

  /** Keeps the reply of an event that was just admitted, and forgets the oldest ones beyond the bounds. `bytes` is copied. */
  keepReply(client: number, number: number, index: number, ordinal: number, bytes: Uint8Array): void {
    const key = `${client}:${number}`
    this.#forgetReply(key)
    this.#replies.set(key, { client, number, index, ordinal, bytes: bytes.slice() })
    this.#replyBytes += bytes.length
    for (const oldest of this.#replies.keys()) {
      if (this.#replies.size <= MAX_REPLIES && this.#replyBytes <= MAX_REPLY_BYTES) break
      this.#forgetReply(oldest)
    }
  }

  /** The reply kept for an event, if it is not too long ago. */
  reply(client: number, number: number): KeptReply | undefined {
    return this.#replies.get(`${client}:${number}`)
  }

  /** The whole table as bytes, in pieces: the same bytes for the same history. */
  *save(): Generator<Uint8Array> {
    const write = recordWriter()
    yield count(this.#sessions.size)
    for (const { client, last, lastUsed } of this.#sessions.values()) yield* write([client, last, lastUsed] satisfies StoredSession)
    yield count(this.#replies.size)
    for (const { client, number, index, ordinal, bytes } of this.#replies.values())
      yield* write([client, number, index, ordinal, bytes] satisfies StoredReply)
  }

  /** Takes the state that {@link save} gave. @throws {DisruptorError} DX_SESSIONS when it is none */
  restore(source: Uint8Array): void {
    this.#sessions.clear()
    this.#replies.clear()
    this.#replyBytes = 0
    this.#current = undefined
    const read = new RecordReader(source)
    for (let left = read.count(); left > 0; left--) {
      const [client, last, lastUsed] = read.record() as StoredSession
      this.#sessions.set(client, { client, last, lastUsed })
    }
    for (let left = read.count(); left > 0; left--) {
      const [client, number, index, ordinal, bytes] = read.record() as StoredReply
      this.keepReply(client, number, index, ordinal, bytes)
    }
  }

  #forgetReply(key: string): void {
    const reply = this.#replies.get(key)
    if (reply === undefined) return
    this.#replyBytes -= reply.bytes.length
    this.#replies.delete(key)
  }

  #open(client: number, index: number): Session {
    if (this.#sessions.size >= this.#max) this.#forgetOldest()
    const session: Session = { client, last: 0, lastUsed: index }
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

function recordCodec(): Codec<unknown> {
  return msgpackCodec({ maxBytes: MAX_RECORD_BYTES })
}

/** Four bytes, little-endian. */
function count(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** Writes records as their length and their bytes. */
function recordWriter(): (record: unknown) => Generator<Uint8Array> {
  const codec = recordCodec()
  const target = new Uint8Array(MAX_RECORD_BYTES)
  return function* (record) {
    const length = codec.encode(record, target, 0)
    yield count(length)
    yield target.slice(0, length)
  }
}

/** Reads what a record writer wrote. */
class RecordReader {
  readonly #source: Uint8Array
  readonly #view: DataView
  readonly #codec = recordCodec()
  #at = 0

  constructor(source: Uint8Array) {
    this.#source = source
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  }

  count(): number {
    this.#need(4)
    this.#at += 4
    return this.#view.getUint32(this.#at - 4, true)
  }

  record(): unknown {
    const length = this.count()
    this.#need(length)
    this.#at += length
    return this.#codec.decode(this.#source, this.#at - length, length)
  }

  #need(bytes: number): void {
    const left = this.#source.length - this.#at
    if (bytes > left)
      throw new DisruptorError('DX_SESSIONS', `the sessions of a snapshot end early: ${bytes} bytes are due, ${left} are there`, {
        bytes,
        left,
      })
  }
}
