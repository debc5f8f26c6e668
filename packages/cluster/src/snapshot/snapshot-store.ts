import type { Files } from '@disruptorx/contracts'
import { crc32, type FileTask, perform } from '@disruptorx/contracts/internal'
import { struct } from '@disruptorx/layout'
import { FormatTooNewError, SnapshotError } from '../errors.ts'
import { MAX_SNAPSHOT_BYTES, type SnapshotBuffer } from './snapshot-buffer.ts'

/** Facts of a snapshot that come before its bytes. */
export interface SnapshotFacts {
  /** The last entry that is part of it. */
  readonly index: number
  readonly term: number
  /** The log's time then, in milliseconds since 1970. */
  readonly time: number
  /** Events applied until then. */
  readonly events: number
  /** The application that was active: its version and its fingerprint. */
  readonly appVersion: number
  readonly appHash: number
}

/** A snapshot as it was read. */
export interface Snapshot {
  readonly name: string
  readonly facts: SnapshotFacts
  readonly sessions: Uint8Array
  readonly state: Uint8Array
}

/** What opening the store found. */
export interface FoundSnapshots {
  /** The newest whole one. */
  readonly newest: Snapshot | undefined
  /** Entries that every kept snapshot covers: the log may be cut there. */
  readonly releasableIndex: number
  /** Files that were passed over, and why. */
  readonly damaged: readonly SnapshotError[]
}

/**
 * The head of a snapshot file, before the sessions and the state; all little-endian.
 * Magic and format stand there in every format. `headCrc` is of the bytes before it, `bodyCrc` of the sessions and the state.
 */
const head = struct({
  magic: 'u32',
  format: 'u32',
  index: 'u53',
  term: 'u53',
  time: 'f64',
  events: 'u53',
  sessionBytes: 'u53',
  stateBytes: 'u53',
  appVersion: 'u32',
  appHash: 'u32',
  bodyCrc: 'u32',
  headCrc: 'u32',
})

const MAGIC = 0x4458_5350
const FORMAT = 1
const CRC_AT = head.size - 4
const NAME = /^(\d{16})\.snapshot$/
/** The newest and the one before it, for the case that the newest is damaged. */
const KEPT = 2
const READ_BYTES = 1024 * 1024

/** Snapshots of one partition as files of a directory: written whole or not at all, the two newest kept. */
export class SnapshotStore {
  readonly #files: Files
  readonly #dir: string

  constructor(files: Files, dir: string) {
    this.#files = files
    this.#dir = dir
  }

  /** Finds the newest whole snapshot, and clears away what an interrupted writing left. @throws {FormatTooNewError} */
  *open(): FileTask<FoundSnapshots> {
    yield* perform(this.#files, { operation: 'make-directory', path: this.#dir })
    const indexes: number[] = []
    for (const name of (yield* perform(this.#files, { operation: 'list', path: this.#dir })).names) {
      const match = NAME.exec(name)
      if (match !== null) indexes.push(Number(match[1]))
      else if (name.endsWith('.tmp')) yield* perform(this.#files, { operation: 'remove', path: this.#path(name) })
    }
    const damaged: SnapshotError[] = []
    const whole: Snapshot[] = []
    for (const index of indexes.sort((a, b) => b - a)) {
      try {
        const snapshot = yield* this.#read(fileName(index))
        whole.push(whole.length === 0 ? snapshot : { ...snapshot, state: nothing, sessions: nothing })
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error
        damaged.push(error)
        // Out of the way, so that it is never counted as one of those that are kept; not gone, so that somebody can look at it.
        const path = this.#path(fileName(index))
        yield* perform(this.#files, { operation: 'rename', path, target: `${path}.damaged` })
      }
    }
    const oldest = whole.length < KEPT ? 0 : (whole[KEPT - 1] as Snapshot).facts.index
    return { newest: whole[0], releasableIndex: oldest, damaged }
  }

  /**
   * Saves a snapshot whose body begins with `sessionBytes` of sessions, then removes all but the two newest. Returns the index that both kept ones cover.
   * When it returns, the snapshot is on stable storage.
   */
  *write(facts: SnapshotFacts, body: SnapshotBuffer, sessionBytes: number): FileTask<number> {
    const bytes = new Uint8Array(head.size)
    const view = head.view(bytes.buffer)
    const lengths = { sessionBytes, stateBytes: body.length - sessionBytes }
    view.set({ magic: MAGIC, format: FORMAT, ...facts, ...lengths, bodyCrc: body.crc, headCrc: 0 })
    view.headCrc = crc32(bytes, 0, CRC_AT)
    const name = fileName(facts.index)
    const temporary = this.#path(`${name}.tmp`)
    const { result: handle } = yield* perform(this.#files, { operation: 'open', path: temporary, mode: 'create' })
    try {
      yield* perform(this.#files, { operation: 'truncate', handle, length: 0 })
      let position = 0
      for (const chunk of [bytes, ...body.chunks]) {
        yield* this.#writeAll(handle, chunk, position)
        position += chunk.length
      }
      yield* perform(this.#files, { operation: 'datasync', handle })
    } finally {
      yield* perform(this.#files, { operation: 'close', handle })
    }
    yield* perform(this.#files, { operation: 'rename', path: temporary, target: this.#path(name) })
    yield* perform(this.#files, { operation: 'sync-directory', path: this.#dir })
    return yield* this.#removeOld()
  }

  *#writeAll(handle: number, buffer: Uint8Array, position: number): FileTask<void> {
    for (let done = 0; done < buffer.length; ) {
      const fields = { handle, buffer, offset: done, length: buffer.length - done, position: position + done } as const
      const { result } = yield* perform(this.#files, { operation: 'write', ...fields })
      done += result
    }
  }

  *#removeOld(): FileTask<number> {
    const { names } = yield* perform(this.#files, { operation: 'list', path: this.#dir })
    const kept = names.filter(name => NAME.test(name)).sort()
    for (const name of kept.slice(0, -KEPT)) yield* perform(this.#files, { operation: 'remove', path: this.#path(name) })
    return kept.length < KEPT ? 0 : Number((kept.at(-KEPT) as string).slice(0, 16))
  }

  *#read(name: string): FileTask<Snapshot> {
    const { result: handle } = yield* perform(this.#files, { operation: 'open', path: this.#path(name), mode: 'read' })
    try {
      const { result: size } = yield* perform(this.#files, { operation: 'size', handle })
      if (size < head.size || size > head.size + MAX_SNAPSHOT_BYTES) throw new SnapshotError(name, `it has ${size} bytes`)
      const bytes = yield* this.#readAll(handle, size)
      return parse(name, bytes)
    } catch (error) {
      if ((error as { code?: unknown }).code === 'EIO') throw new SnapshotError(name, 'the disk cannot read it', { cause: error })
      throw error
    } finally {
      yield* perform(this.#files, { operation: 'close', handle })
    }
  }

  *#readAll(handle: number, size: number): FileTask<Uint8Array> {
    const buffer = new Uint8Array(size)
    for (let offset = 0; offset < size; ) {
      const length = Math.min(READ_BYTES, size - offset)
      const { result } = yield* perform(this.#files, { operation: 'read', handle, buffer, offset, length, position: offset })
      if (result === 0) break
      offset += result
    }
    return buffer
  }

  #path(name: string): string {
    return `${this.#dir}/${name}`
  }
}

const nothing = new Uint8Array(0)

function fileName(index: number): string {
  return `${String(index).padStart(16, '0')}.snapshot`
}

function parse(name: string, bytes: Uint8Array): Snapshot {
  const facts = head.view(bytes.buffer).copy()
  if (facts.magic !== MAGIC) throw new SnapshotError(name, 'it does not begin as a snapshot does')
  if (facts.format > FORMAT) throw new FormatTooNewError(`snapshot ${name}`, facts.format, FORMAT)
  if (facts.headCrc !== crc32(bytes, 0, CRC_AT)) throw new SnapshotError(name, 'its head is damaged')
  const bodyBytes = facts.sessionBytes + facts.stateBytes
  if (bytes.length !== head.size + bodyBytes)
    throw new SnapshotError(name, `it has ${bytes.length} bytes instead of ${head.size + bodyBytes}`)
  if (facts.bodyCrc !== crc32(bytes, head.size, bodyBytes)) throw new SnapshotError(name, 'its content is damaged')
  const { index, term, time, events, appVersion, appHash } = facts
  return {
    name,
    facts: { index, term, time, events, appVersion, appHash },
    sessions: bytes.subarray(head.size, head.size + facts.sessionBytes),
    state: bytes.subarray(head.size + facts.sessionBytes),
  }
}
