import type { Codec } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { DuplicateTypeError, UnknownTypeError } from '../errors.ts'

/**
 * Which codec a type number stands for. Numbers, from 1 to 65,535, are written into logs and frames: once given, one is never given
 * to another type. Immutable.
 */
export class CodecRegistry<T = unknown> {
  readonly #codecs: ReadonlyMap<number, Codec<T>>

  /** @throws {OptionError} for a number out of range, {DuplicateTypeError} */
  constructor(entries: Iterable<readonly [type: number, codec: Codec<T>]>) {
    const codecs = new Map<number, Codec<T>>()
    for (const [type, codec] of entries) {
      wholeNumber('type', type, 1, 65_535)
      const known = codecs.get(type)
      if (known !== undefined) throw new DuplicateTypeError(type, known.name, codec.name)
      codecs.set(type, codec)
    }
    this.#codecs = codecs
  }

  /** The type numbers, rising. */
  get types(): readonly number[] {
    return [...this.#codecs.keys()].sort((a, b) => a - b)
  }

  /** Whether a type number has a codec. */
  has(type: number): boolean {
    return this.#codecs.has(type)
  }

  /** The codec of a type number. @throws {UnknownTypeError} names the known ones */
  get(type: number): Codec<T> {
    const codec = this.#codecs.get(type)
    if (codec === undefined) throw new UnknownTypeError(type, this.#describe())
    return codec
  }

  #describe(): string {
    const known = this.types.map(type => `${type} (${this.#codecs.get(type)?.name})`)
    if (known.length === 0) return 'none'
    return known.length <= 20 ? known.join(', ') : `${known.slice(0, 20).join(', ')} and ${known.length - 20} more`
  }
}
