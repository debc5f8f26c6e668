import { type CodecSchema, OptionError } from '@disruptorx/contracts'
import { crc32 } from '@disruptorx/contracts/internal'

/** The keys of one kind of object, in their order. */
export type Structure = readonly string[]

/** First bytes 0x40 to 0x5f stand for a structure each. */
const MOST_STRUCTURES = 32
/** An object with more keys is better a map: looking keys up takes longer than writing them saves. */
const MOST_KEYS = 256
const MOST_KEY_LENGTH = 256

/** A node of the tree of keys: where the walk along the keys of an object is. */
interface Node {
  readonly next: Map<string, Node>
  isEnd: boolean
}

/** Kinds of objects whose keys both ends know, so that only their values are written. Immutable. */
export class Structures {
  readonly schema: CodecSchema
  readonly #lists: readonly Structure[]
  readonly #root: Node = { next: new Map(), isEnd: false }

  /** @throws {OptionError} */
  constructor(lists: readonly Structure[]) {
    if (!Array.isArray(lists) || lists.length === 0 || lists.length > MOST_STRUCTURES)
      throw new OptionError(
        'structures',
        Array.isArray(lists) ? `${lists.length} structures` : lists,
        `1 to ${MOST_STRUCTURES} lists of keys`,
      )
    this.#lists = lists.map(checkKeys)
    for (const keys of this.#lists) this.#plant(keys)
    const text = JSON.stringify(this.#lists)
    const bytes = new TextEncoder().encode(text)
    this.schema = { hash: crc32(bytes, 0, bytes.length), version: lists.length, text }
  }

  /** How many there are. */
  get count(): number {
    return this.#lists.length
  }

  /** How many keys a structure has; undefined for a number that none has. */
  keysOf(number: number): number | undefined {
    return this.#lists[number]?.length
  }

  /** Lists of their own, for a library that writes into them. */
  copy(): string[][] {
    return this.#lists.map(keys => [...keys])
  }

  /** Whether these keys, in this order, are a structure. */
  has(keys: readonly string[]): boolean {
    let node: Node | undefined = this.#root
    for (let i = 0; i < keys.length && node !== undefined; i++) node = node.next.get(keys[i] as string)
    return node?.isEnd === true
  }

  /** Why values written with other structures cannot be read; those that begin ours can. */
  refusal({ text }: CodecSchema): string | undefined {
    // The text of a list that was added to at its end begins with all of the old one but its closing bracket.
    const isOlder = text.endsWith(']]') && this.schema.text.startsWith(`${text.slice(0, -1)},`)
    return text === this.schema.text || isOlder ? undefined : 'structures may only be added, at the end'
  }

  #plant(keys: Structure): void {
    let node = this.#root
    for (const key of keys) {
      const next: Node = node.next.get(key) ?? { next: new Map(), isEnd: false }
      node.next.set(key, next)
      node = next
    }
    if (node.isEnd) throw new OptionError('structures', `${keys.join(', ')} twice`, 'different lists of keys')
    node.isEnd = true
  }
}

function checkKeys(keys: Structure): Structure {
  const isFit =
    Array.isArray(keys) &&
    keys.length > 0 &&
    keys.length <= MOST_KEYS &&
    new Set(keys).size === keys.length &&
    keys.every(key => typeof key === 'string' && key.length <= MOST_KEY_LENGTH && key !== '__proto__' && key.isWellFormed())
  if (isFit) return [...keys]
  throw new OptionError(
    'structures',
    JSON.stringify(keys),
    `lists of 1 to ${MOST_KEYS} different keys of at most ${MOST_KEY_LENGTH} characters`,
  )
}
