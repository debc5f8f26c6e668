import { DisruptorError } from '@disruptorx/contracts'

/** The bytes of a value do not fit where they should be written. Code `DX_CODEC_SPACE`; nothing was written. */
export class CodecSpaceError extends DisruptorError {
  constructor(codec: string, needed: number, room: number) {
    super('DX_CODEC_SPACE', `${codec}: the value takes ${needed} bytes and there is room for ${room}; give it a larger target`, {
      codec,
      needed,
      room,
    })
  }
}

/** A value, or the bytes of one, are larger than the codec allows. Code `DX_CODEC_SIZE`. */
export class CodecSizeError extends DisruptorError {
  constructor(codec: string, bytes: number, maxBytes: number) {
    super('DX_CODEC_SIZE', `${codec}: the value takes at least ${bytes} bytes; at most ${maxBytes} are allowed (option maxBytes)`, {
      codec,
      bytes,
      maxBytes,
    })
  }
}

/** A value is none that the codec can write and read back unchanged. Code `DX_CODEC_VALUE`; nothing was written. */
export class CodecValueError extends DisruptorError {
  constructor(codec: string, path: string, reason: string, options?: ErrorOptions) {
    super('DX_CODEC_VALUE', `${codec}: ${path} ${reason}`, { codec, path, reason }, options)
  }
}

/** Bytes are none that the codec writes. Code `DX_CODEC_DATA`; `at` counts from the first byte of the value. */
export class CodecDataError extends DisruptorError {
  constructor(codec: string, at: number, reason: string, options?: ErrorOptions) {
    super('DX_CODEC_DATA', `${codec}: byte ${at}: ${reason}`, { codec, at, reason }, options)
  }
}

/** A type number has no codec. Code `DX_CODEC_UNKNOWN_TYPE`. */
export class UnknownTypeError extends DisruptorError {
  constructor(type: number, known: string) {
    super(
      'DX_CODEC_UNKNOWN_TYPE',
      `there is no codec for type ${type}; known are ${known}. A newer version may have written it, or its codec was not registered`,
      { type, known },
    )
  }
}

/** A type number was given two codecs. Code `DX_CODEC_DUPLICATE_TYPE`. */
export class DuplicateTypeError extends DisruptorError {
  constructor(type: number, first: string, second: string) {
    super('DX_CODEC_DUPLICATE_TYPE', `type ${type} has two codecs, ${first} and ${second}; give one of them another number`, {
      type,
      first,
      second,
    })
  }
}
