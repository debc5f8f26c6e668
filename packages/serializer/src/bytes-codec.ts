import type { Codec } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { checkRoom, checkSize, checkSource } from './bounds.ts'
import { CodecValueError } from './errors.ts'

/** What a codec of raw bytes allows. */
export interface BytesCodecOptions {
  /** Bound of a value in bytes, in both directions: 1 to 2^30. @default 1 MiB */
  readonly maxBytes?: number
}

const NAME = 'bytes'

/**
 * Bytes as they are, for what has a format of its own. Decoding copies them: the value stays.
 *
 * Encoding throws `DX_CODEC_VALUE`, `DX_CODEC_SIZE` or `DX_CODEC_SPACE`; decoding `DX_CODEC_DATA` or `DX_CODEC_SIZE`.
 *
 * @throws {OptionError}
 */
export function bytesCodec(options: BytesCodecOptions = {}): Codec<Uint8Array> {
  const maxBytes = wholeNumber('maxBytes', options.maxBytes ?? 2 ** 20, 1, 2 ** 30)
  return {
    name: NAME,

    encode(value: Uint8Array, target: Uint8Array, offset: number): number {
      if (!(value instanceof Uint8Array)) throw new CodecValueError(NAME, 'the value', 'is no Uint8Array')
      checkSize(NAME, value.length, maxBytes)
      checkRoom(NAME, value.length, target, offset)
      target.set(value, offset)
      return value.length
    },

    decode(source: Uint8Array, offset: number, length: number): Uint8Array {
      checkSource(NAME, source, offset, length)
      checkSize(NAME, length, maxBytes)
      return new Uint8Array(source.subarray(offset, offset + length))
    },
  }
}
