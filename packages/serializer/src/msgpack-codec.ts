import type { Codec } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { Packr, RESET_BUFFER_MODE } from 'msgpackr/pack'
import { Unpackr } from 'msgpackr/unpack'
import { checkRoom, checkSource } from './bounds.ts'
import { CodecDataError, CodecSizeError, CodecValueError } from './errors.ts'
import { MsgpackScan } from './msgpack-scan.ts'
import { ValueCheck, type ValueLimits } from './msgpack-values.ts'

/** What a msgpack codec allows. */
export interface MsgpackCodecOptions<T> {
  /** Bound of an encoded value in bytes, in both directions: 1 to 2^30. @default 1 MiB */
  readonly maxBytes?: number
  /** Bound of arrays and objects within each other: 1 to 200. @default 32 */
  readonly maxDepth?: number
  /** Turns what was decoded into a `T`, or throws. Bytes from outside can be any value: without this, `T` is only a promise. */
  readonly check?: (value: unknown) => T
}

const NAME = 'msgpack'
const format = { useRecords: false, mapsAsObjects: true, variableMapSize: true, copyBuffers: true, int64AsType: 'bigint' } as const

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
  readonly #limits: ValueLimits
  readonly #check: ((value: unknown) => T) | undefined
  readonly #values: ValueCheck
  readonly #scan: MsgpackScan
  readonly #packr = new Packr({ ...format })
  readonly #unpackr = new Unpackr({ ...format })

  constructor(options: MsgpackCodecOptions<T>) {
    this.#limits = {
      maxBytes: wholeNumber('maxBytes', options.maxBytes ?? 2 ** 20, 1, 2 ** 30),
      maxDepth: wholeNumber('maxDepth', options.maxDepth ?? 32, 1, 200),
    }
    this.#check = options.check
    this.#values = new ValueCheck(NAME, this.#limits)
    this.#scan = new MsgpackScan(NAME, this.#limits.maxDepth)
  }

  encode(value: T, target: Uint8Array, offset: number): number {
    this.#values.run(value)
    const packed = this.#pack(value)
    if (packed.length > this.#limits.maxBytes) throw new CodecSizeError(NAME, packed.length, this.#limits.maxBytes)
    checkRoom(NAME, packed.length, target, offset)
    target.set(packed, offset)
    return packed.length
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    checkSource(NAME, source, offset, length)
    if (length > this.#limits.maxBytes) throw new CodecSizeError(NAME, length, this.#limits.maxBytes)
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

/**
 * Exactly the bytes of the value. Those in shared memory are copied: another thread could change them between the check and the
 * decoding, and text decoders refuse them.
 */
function ownBytes(source: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(source.buffer, source.byteOffset + offset, length)
  return typeof SharedArrayBuffer !== 'undefined' && source.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes
}
