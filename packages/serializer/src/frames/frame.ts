import type { Codec } from '@disruptorx/contracts'
import { TRACE_BYTES } from './descriptor.ts'

/**
 * One frame as a decoder hands it over: a flyweight over the bytes that came, the same object for every frame.
 *
 * Valid during the call only, and so is every view made from it. {@link copy} and {@link decode} give what stays.
 */
export interface Frame {
  /** What the payload is: 0 to 65,535. */
  readonly type: number
  /** Eight bits of whoever wrote the frame: this format gives them no meaning. */
  readonly flags: number
  /** The memory that the payload lies in, from {@link offset}, {@link length} bytes long. Do not change it. */
  readonly source: Uint8Array
  readonly offset: number
  readonly length: number
  /** Where the 25 bytes of trace context lie in {@link source}; -1 without them. */
  readonly traceOffset: number
  /** Whether it is the last frame of its batch: the moment to act on what was gathered. */
  readonly endOfBatch: boolean
  /** A view of the payload. Makes an object: hot paths use {@link source} and {@link offset}. */
  payload(): Uint8Array
  /** The payload in memory of its own. */
  copy(): Uint8Array
  /** A view of the trace context; `undefined` without one. */
  trace(): Uint8Array | undefined
  /** The payload as a value. @throws what the codec throws */
  decode<T>(codec: Codec<T>): T
}

const nothing = new Uint8Array(0)

/** The one implementation of {@link Frame}: its fields are plain, so that decoder and listener compile to loads and stores. */
export class FrameView implements Frame {
  type = 0
  flags = 0
  source: Uint8Array = nothing
  offset = 0
  length = 0
  traceOffset = -1
  endOfBatch = false

  payload(): Uint8Array {
    return new Uint8Array(this.source.buffer, this.source.byteOffset + this.offset, this.length)
  }

  copy(): Uint8Array {
    return new Uint8Array(this.payload())
  }

  trace(): Uint8Array | undefined {
    const { source, traceOffset } = this
    return traceOffset < 0 ? undefined : new Uint8Array(source.buffer, source.byteOffset + traceOffset, TRACE_BYTES)
  }

  decode<T>(codec: Codec<T>): T {
    return codec.decode(this.source, this.offset, this.length)
  }

  /** Lets go of the memory, so that a late reader finds nothing instead of somebody else's frame. */
  clear(): void {
    this.source = nothing
    this.offset = 0
    this.length = 0
    this.traceOffset = -1
  }
}
