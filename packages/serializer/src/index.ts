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
export { CodecRegistry } from './codec-registry.ts'
export { CodecDataError, CodecSizeError, CodecSpaceError, CodecValueError, DuplicateTypeError, UnknownTypeError } from './errors.ts'
export { type MsgpackCodecOptions, msgpackCodec } from './msgpack-codec.ts'
export { structCodec } from './struct-codec.ts'
