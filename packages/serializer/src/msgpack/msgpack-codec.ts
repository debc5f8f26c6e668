import type { Codec, CodecSchema } from '@disruptorx/contracts'
import { Packr, RESET_BUFFER_MODE } from 'msgpackr/pack'
import { Unpackr } from 'msgpackr/unpack'
import { checkRoom, checkSize, checkSource, ownBytes } from '../bounds.ts'
import { CodecDataError, CodecValueError } from '../errors.ts'
import { resolveValueLimits, type ValueCodecOptions } from '../values/limits.ts'
import { ValueCheck, type ValueLimits } from '../values/value-check.ts'
import { MsgpackScan } from './msgpack-scan.ts'
import { type Structure, Structures } from './structures.ts'

/** What a msgpack codec allows. */
export interface MsgpackCodecOptions<T> extends ValueCodecOptions<T> {
  /**
   * Objects with one of these lists of keys, in this order, are written without them: 1 to 32 lists of 1 to 256 keys. Both ends must have
   * the same; the reader may have more at the end. Then bytes are msgpackr's records, which other readers of msgpack do not know. @default none
   */
  readonly structures?: readonly Structure[]
}

const NAME = 'msgpack'
const format = { mapsAsObjects: true, variableMapSize: true, copyBuffers: true, int64AsType: 'bigint' } as const

/**
 * Values of any shape as msgpack: null, undefined, booleans, numbers, texts, bigints of 64 bits, dates, `Uint8Array`s, arrays and
 * plain objects. What cannot come back unchanged is refused when it is encoded.
 *
 * Bytes are checked completely before anything is built from them: lengths, depth, UTF-8, keys. So they may come from anybody.
 * Encoding throws `DX_CODEC_VALUE`, `DX_CODEC_SIZE` or `DX_CODEC_SPACE`; decoding `DX_CODEC_DATA` or `DX_CODEC_SIZE`.
 * Built on msgpackr, without its native part and its extensions.
 *
 * @throws {OptionError}
 */
export function msgpackCodec<T = unknown>(options: MsgpackCodecOptions<T> = {}): Codec<T> {
  return new MsgpackCodec(options)
}

class MsgpackCodec<T> implements Codec<T> {
  readonly name = NAME
  readonly schema: CodecSchema | undefined
  readonly #structures: Structures | undefined
  readonly #limits: ValueLimits
  readonly #check: ((value: unknown) => T) | undefined
  readonly #values: ValueCheck
  readonly #scan: MsgpackScan
  readonly #packr: Packr
  readonly #unpackr: Unpackr

  constructor(options: MsgpackCodecOptions<T>) {
    const structures = options.structures === undefined ? undefined : new Structures(options.structures)
    this.schema = structures?.schema
    this.#structures = structures
    this.#limits = resolveValueLimits(options)
    this.#check = options.check
    this.#values = new ValueCheck({ ...this.#limits, codec: NAME, isJson: false, isRecord: structures && (keys => structures.has(keys)) })
    this.#scan = new MsgpackScan(NAME, this.#limits.maxDepth, structures)
    // Each has lists of its own, because msgpackr notes things on them; and it is asked for no structure that it would have to learn.
    this.#packr = new Packr(
      structures === undefined
        ? { ...format, useRecords: false }
        : {
            ...format,
            useRecords: (object: object) => structures.has(Object.keys(object)),
            structures: structures.copy(),
            maxSharedStructures: structures.count,
            maxOwnStructures: 0,
          },
    )
    this.#unpackr = new Unpackr(structures === undefined ? { ...format, useRecords: false } : { ...format, structures: structures.copy() })
  }

  refusal(theirs: CodecSchema): string | undefined {
    return this.#structures === undefined ? 'no structures are known here' : this.#structures.refusal(theirs)
  }

  encode(value: T, target: Uint8Array, offset: number): number {
    this.#values.run(value)
    const packed = this.#pack(value)
    checkSize(NAME, packed.length, this.#limits.maxBytes)
    checkRoom(NAME, packed.length, target, offset)
    target.set(packed, offset)
    return packed.length
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    checkSource(NAME, source, offset, length)
    checkSize(NAME, length, this.#limits.maxBytes)
    const bytes = ownBytes(source, offset, length)
    this.#scan.run(bytes)
    try {
      const value: unknown = this.#unpackr.unpack(bytes)
      return this.#check === undefined ? (value as T) : this.#check(value)
    } catch (error) {
      throw new CodecDataError(NAME, 0, error instanceof Error ? error.message : String(error), { cause: error })
    }
  }

  /** The result is msgpackr's own buffer, which the next call writes over. */
  #pack(value: T): Uint8Array {
    try {
      return this.#packr.pack(value, RESET_BUFFER_MODE)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CodecValueError(NAME, 'the value', `cannot be written: ${reason}`, { cause: error })
    }
  }
}
