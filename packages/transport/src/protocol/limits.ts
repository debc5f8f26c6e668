/** What one end of a link takes from the other. */
export interface PeerLimits {
  /** Largest payload of a frame, largest batch, most frames in a batch. */
  readonly maxFrameBytes: number
  readonly maxBatchBytes: number
  readonly maxFrames: number
  /** Requests that are answered at a time. */
  readonly maxRequests: number
  /** Streams that are read at a time, and bytes of each that may be under way. */
  readonly maxStreams: number
  readonly streamWindowBytes: number
}

/** Bytes that the protocol puts before what the application sends. */
export const HEAD_BYTES = 8
/** Most bytes in the header of a stream. */
export const STREAM_HEADER_BYTES = 4096
/** Most bytes of a text that goes to the other end. */
export const TEXT_BYTES = 512
/** Less than this nobody may demand of the other end: a handshake would not get through. */
export const LEAST_FRAME_BYTES = 4096 + HEAD_BYTES
/** The most that frames of the serializer may have. */
export const MOST_FRAME_BYTES = 2 ** 28
/** The least window that gets a stream anywhere. */
export const LEAST_WINDOW_BYTES = 4096
