import { DisruptorError } from '@disruptorx/contracts'

/** Bytes are no batch of frames: garbage, damage, or another protocol. Code `DX_FRAME_DATA`; `at` counts from the stream's first byte. */
export class FrameDataError extends DisruptorError {
  constructor(at: number, reason: string, options?: ErrorOptions) {
    super('DX_FRAME_DATA', `byte ${at} of the stream: ${reason}; close the connection`, { at, reason }, options)
  }
}

/** A frame or a batch is larger than allowed, in either direction. Code `DX_FRAME_SIZE`. */
export class FrameSizeError extends DisruptorError {
  constructor(what: string, size: number, most: number, option: string) {
    super('DX_FRAME_SIZE', `${what} is ${size}; at most ${most} are allowed (option ${option}, which both ends have to raise)`, {
      what,
      size,
      most,
      option,
    })
  }
}

/** The other end speaks another version of the frame format. Code `DX_FRAME_VERSION`. */
export class FrameVersionError extends DisruptorError {
  constructor(version: number, known: number) {
    super('DX_FRAME_VERSION', `the other end sends frames of version ${version}; version ${known} is known here: upgrade the older end`, {
      version,
      known,
    })
  }
}

/** A batch is compressed by a way that this decoder was not given. Code `DX_FRAME_COMPRESSION`. */
export class FrameCompressionError extends DisruptorError {
  constructor(id: number, known: string) {
    super('DX_FRAME_COMPRESSION', `a batch is compressed by number ${id}; known are ${known}. Tell the other end what is known here`, {
      id,
      known,
    })
  }
}

/** The listener of a decoder pushed bytes into the decoder that was just calling it. Code `DX_FRAME_REENTRY`: a fault of the program. */
export class FrameReentryError extends DisruptorError {
  constructor() {
    super('DX_FRAME_REENTRY', 'a decoder was given bytes while it was handing over a frame; let its listener return first')
  }
}
