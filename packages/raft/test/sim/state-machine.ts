import { type ConfState, decodeConfChange, type Entry, type RawNode, type Snapshot } from '../../src/index.ts'

const decoder = new TextDecoder()
const FIRST_OF_COMMAND = 'w'.charCodeAt(0)

/** What snapshots hold: how many entries there were, their checksum, the map, and the sessions. */
type Saved = readonly [number, number, readonly (readonly [string, string])[], readonly (readonly [string, number])[]]

/** What a client asks for: its own name, the number that it gave to this, and what to do. */
export interface Command {
  readonly session: string
  readonly number: number
  readonly key: string
  readonly value: string
}

/** A client's command as the data of an entry. */
export function encodeCommand({ session, number, key, value }: Command): Uint8Array {
  return new TextEncoder().encode(`w ${session} ${number} ${key} ${value}`)
}

/**
 * What a member applies its entries to: it keeps how many there were, a checksum of all of them, and a map that clients write to. Of what a client asks for,
 * nothing is done twice, and nothing after something that it asked for later (Raft thesis, section 6.3).
 */
export class StateMachine {
  index: number
  term: number
  confState: ConfState
  #count = 0
  #sum = 0
  readonly #values = new Map<string, string>()
  /** The newest command of each session that was applied. */
  readonly #sessions = new Map<string, number>()

  constructor(snapshot: Snapshot) {
    this.index = snapshot.index
    this.term = snapshot.term
    this.confState = snapshot.confState
    if (snapshot.data.length === 0) return
    const [count, sum, values, sessions] = JSON.parse(decoder.decode(snapshot.data)) as Saved
    this.#count = count
    this.#sum = sum
    this.#values = new Map(values)
    this.#sessions = new Map(sessions)
  }

  /** The checksum of everything that was applied. */
  get digest(): string {
    return `${this.#count}:${this.#sum}`
  }

  /** What a key holds; `null` before the first write. */
  valueOf(key: string): string | null {
    return this.#values.get(key) ?? null
  }

  /** The number of the newest command of a session that was applied; 0 before the first. */
  newestOf(session: string): number {
    return this.#sessions.get(session) ?? 0
  }

  apply({ index, term, type, data }: Entry, node: RawNode): void {
    if (index !== this.index + 1) throw new Error(`entry ${index} is applied after ${this.index}`)
    this.index = index
    this.term = term
    if (type === 'conf-change') this.confState = node.applyConfChange(decodeConfChange(data), index)
    this.#count++
    for (const byte of data) this.#sum = (Math.imul(this.#sum, 31) + byte + index) | 0
    if (type === 'normal' && data[0] === FIRST_OF_COMMAND) this.#carryOut(decoder.decode(data))
  }

  #carryOut(text: string): void {
    const [, session = '', number = '', key = '', value = ''] = text.split(' ')
    if (Number(number) <= this.newestOf(session)) return
    this.#sessions.set(session, Number(number))
    this.#values.set(key, value)
  }

  snapshot(): Snapshot {
    const data = new TextEncoder().encode(JSON.stringify([this.#count, this.#sum, [...this.#values], [...this.#sessions]] satisfies Saved))
    return { index: this.index, term: this.term, confState: this.confState, data }
  }
}
