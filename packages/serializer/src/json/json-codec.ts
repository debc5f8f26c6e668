import type { Codec } from '@disruptorx/contracts'
import { checkRoom, checkSize, checkSource, isShared, ownBytes } from '../bounds.ts'
import { CodecDataError } from '../errors.ts'
import { resolveValueLimits, type ValueCodecOptions } from '../values/limits.ts'
import { ValueCheck, type ValueLimits } from '../values/value-check.ts'
import { JsonScan } from './json-scan.ts'

/** What a JSON codec allows. */
export type JsonCodecOptions<T> = ValueCodecOptions<T>

const NAME = 'json'
/** UTF-8 of one UTF-16 unit takes at most this many bytes. */
const MOST_UNIT_BYTES = 3

/**
 * Values of any shape as JSON in UTF-8, for what people or other programs read: null, booleans, finite numbers, texts, arrays and plain
 * objects. What cannot come back unchanged is refused when it is encoded.
 *
 * Bytes are checked before anything is built from them: size, depth, keys, UTF-8. So they may come from anybody.
 * Encoding throws `DX_CODEC_VALUE`, `DX_CODEC_SIZE` or `DX_CODEC_SPACE`; decoding `DX_CODEC_DATA` or `DX_CODEC_SIZE`.
 *
 * @throws {OptionError}
 */
export function jsonCodec<T = unknown>(options: JsonCodecOptions<T> = {}): Codec<T> {
  return new JsonCodec(options)
}

class JsonCodec<T> implements Codec<T> {
  readonly name = NAME
  readonly #limits: ValueLimits
  readonly #check: ((value: unknown) => T) | undefined
  readonly #values: ValueCheck
  readonly #scan: JsonScan
  readonly #encoder = new TextEncoder()
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  constructor(options: JsonCodecOptions<T>) {
    this.#limits = resolveValueLimits(options)
    this.#check = options.check
    this.#values = new ValueCheck({ ...this.#limits, codec: NAME, isJson: true })
    this.#scan = new JsonScan(NAME, this.#limits.maxDepth)
  }

  encode(value: T, target: Uint8Array, offset: number): number {
    this.#values.run(value)
    const text = JSON.stringify(value)
    // Each unit of the text takes a byte or more.
    checkRoom(NAME, text.length, target, offset)
    // Where it fits for certain, it is written in place: what is refused must leave the target as it was.
    const most = text.length * MOST_UNIT_BYTES
    if (most <= this.#limits.maxBytes && most <= target.length - offset && !isShared(target))
      return this.#encoder.encodeInto(text, target.subarray(offset)).written
    const bytes = this.#encoder.encode(text)
    checkSize(NAME, bytes.length, this.#limits.maxBytes)
    checkRoom(NAME, bytes.length, target, offset)
    target.set(bytes, offset)
    return bytes.length
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    checkSource(NAME, source, offset, length)
    checkSize(NAME, length, this.#limits.maxBytes)
    const bytes = ownBytes(source, offset, length)
    this.#scan.run(bytes)
    try {
      const value: unknown = JSON.parse(this.#decoder.decode(bytes))
      return this.#check === undefined ? (value as T) : this.#check(value)
    } catch (error) {
      throw new CodecDataError(NAME, 0, error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
}
