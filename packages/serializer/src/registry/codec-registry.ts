import { type Codec, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { DuplicateTypeError, UnknownTypeError } from '../errors.ts'
import type { TypeDescription } from './type-description.ts'
import { refusalOf, type TypeDifference } from './type-difference.ts'

const PAIRS = 'pairs of a type number and its codec, as in new CodecRegistry([[1, jsonCodec()], [2, bytesCodec()]])'

/**
 * Which codec a type number stands for. Numbers, from 1 to 65,535, are written into logs and frames: once given, one is never given
 * to another type. Immutable.
 */
export class CodecRegistry<T = unknown> {
  readonly #codecs: ReadonlyMap<number, Codec<T>>

  /** @throws {OptionError} for what is no list of pairs, a number out of range, or what is no codec; {DuplicateTypeError} */
  constructor(entries: Iterable<readonly [type: number, codec: Codec<T>]>) {
    const codecs = new Map<number, Codec<T>>()
    if (!isIterable(entries)) throw new OptionError('codecs', typeof entries, PAIRS)
    for (const entry of entries) {
      if (!Array.isArray(entry)) throw new OptionError('codecs', `a list with ${typeof entry} in it`, PAIRS)
      const [type, codec] = entry as readonly [type: number, codec: Codec<T>]
      wholeNumber('type', type, 1, 65_535)
      if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function' || typeof codec.name !== 'string')
        throw new OptionError(`codec of type ${type}`, typeof codec, 'an object with name, encode and decode')
      const known = codecs.get(type)
      if (known !== undefined) throw new DuplicateTypeError(type, known.name, codec.name)
      codecs.set(type, codec)
    }
    this.#codecs = new Map([...codecs].sort(([a], [b]) => a - b))
  }

  /** The type numbers, rising. */
  get types(): readonly number[] {
    return [...this.#codecs.keys()]
  }

  /** Whether a type number has a codec. */
  has(type: number): boolean {
    return this.#codecs.has(type)
  }

  /** The codec of a type number. @throws {UnknownTypeError} names the known ones */
  get(type: number): Codec<T> {
    const codec = this.#codecs.get(type)
    if (codec === undefined) throw new UnknownTypeError(type, this.#knownTypes())
    return codec
  }

  /** What the other end of a link has to know about the types here, rising: `encodeTypes` makes bytes of it. */
  describe(): readonly TypeDescription[] {
    return [...this.#codecs].map(([type, { name, schema }]) => ({ type, codec: name, ...(schema === undefined ? {} : { schema }) }))
  }

  /** Where the types of another end differ from those here, rising by type. None: each reads what the other one writes. */
  compare(theirs: readonly TypeDescription[]): readonly TypeDifference[] {
    const there = new Map(theirs.map(description => [description.type, description]))
    const ours = this.describe().flatMap(here => this.#differences(here, there.get(here.type)))
    const missing = theirs
      .filter(({ type }) => !this.has(type))
      .map(item => ({ kind: 'missing-here', type: item.type, there: item }) as const)
    return [...ours, ...missing].sort((a, b) => a.type - b.type)
  }

  #differences(here: TypeDescription, there: TypeDescription | undefined): TypeDifference[] {
    const { type } = here
    if (there === undefined) return [{ kind: 'missing-there', type, here }]
    const reason = refusalOf(this.get(type) as Codec<unknown>, there)
    return reason === undefined ? [] : [{ kind: 'different', type, here, there, reason }]
  }

  #knownTypes(): string {
    const known = [...this.#codecs].map(([type, { name }]) => `${type} (${name})`)
    if (known.length === 0) return 'none'
    return known.length <= 20 ? known.join(', ') : `${known.slice(0, 20).join(', ')} and ${known.length - 20} more`
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
