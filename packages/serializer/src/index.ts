/**
 * Codecs: fixed struct layouts and msgpack behind one contract, safe on bytes from anybody.
 *
 * @example
 * import { CodecRegistry, msgpackCodec, structCodec } from '@disruptorx/serializer'
 * import { struct } from '@disruptorx/layout'
 *
 * const codecs = new CodecRegistry<unknown>([
 *   [1, structCodec(struct({ id: 'u53', price: 'u32' }))],
 *   [2, msgpackCodec({ maxBytes: 4096 })],
 * ])
 * const bytes = new Uint8Array(4096)
 * const length = codecs.get(2).encode({ note: 'hello' }, bytes, 0)
 * const value = codecs.get(2).decode(bytes, 0, length)
 * @packageDocumentation
 */
export { type BytesCodecOptions, bytesCodec } from './bytes-codec.ts'
export { AdaptiveCompression, type AdaptiveCompressionOptions, type CompressionStats } from './compression/adaptive-compression.ts'
export type { BatchCompression } from './compression/batch-compression.ts'
export { builtInCompressors } from './compression/built-in.ts'
export type { Compressor } from './compression/compressor.ts'
export { CodecDataError, CodecSizeError, CodecSpaceError, CodecValueError, DuplicateTypeError, UnknownTypeError } from './errors.ts'
export {
  FrameCompressionError,
  FrameDataError,
  FrameReentryError,
  FrameSizeError,
  FrameVersionError,
} from './frames/errors.ts'
export type { Frame } from './frames/frame.ts'
export { FrameDecoder, type FrameDecoderOptions } from './frames/frame-decoder.ts'
export { FrameWriter, type FrameWriterOptions } from './frames/frame-writer.ts'
export type { FrameLimits } from './frames/limits.ts'
export { traceContextOf, traceparentOf } from './frames/trace-context.ts'
export { type JsonCodecOptions, jsonCodec } from './json/json-codec.ts'
export { type MsgpackCodecOptions, msgpackCodec } from './msgpack/msgpack-codec.ts'
export type { Structure } from './msgpack/structures.ts'
export { CodecRegistry } from './registry/codec-registry.ts'
export { decodeTypes, encodeTypes, type TypeDescription } from './registry/type-description.ts'
export { type TypeDifference, TypeMismatchError } from './registry/type-difference.ts'
export { structCodec } from './struct-codec.ts'
export type { ValueCodecOptions } from './values/limits.ts'
