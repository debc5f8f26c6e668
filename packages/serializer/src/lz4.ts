/**
 * LZ4 as a way to compress batches: less gain than zstd, for less time. Needs the package `lz4-napi` (Node only).
 *
 * @example
 * import { AdaptiveCompression, builtInCompressors, FrameWriter } from '@disruptorx/serializer'
 * import { lz4 } from '@disruptorx/serializer/lz4'
 *
 * const writer = new FrameWriter({ compression: new AdaptiveCompression({ compressors: [lz4, ...builtInCompressors()] }) })
 * @packageDocumentation
 */
export { lz4 } from './compression/lz4.ts'
export { Lz4MissingError } from './platform/lz4-load.ts'
