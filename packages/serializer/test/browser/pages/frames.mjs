// Writes frames, reads what Node wrote, and uses codecs and schemas: all without Node.
import { AdaptiveCompression, builtInCompressors, FrameDecoder, FrameWriter, jsonCodec, msgpackCodec } from '@disruptorx/serializer'
import { schemaCheck } from '@disruptorx/serializer/schema'

const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
const bytesOf = text => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

/** Frames as text: a type, and the value in its payload. */
function read(bytes, codec) {
  const frames = []
  const decoder = new FrameDecoder(frame => frames.push([frame.type, frame.decode(codec)]), { compressors: builtInCompressors() })
  for (let at = 0; at < bytes.length; at += 10) decoder.push(bytes.subarray(at, at + 10))
  decoder.end()
  return frames
}

const codec = msgpackCodec({ structures: [['id', 'note']] })
const clock = { nowMs: () => 0, monotonicNs: () => 0 }
const writer = new FrameWriter({ compression: new AdaptiveCompression({ clock, minBytes: 64 }) })
for (let id = 0; id < 100; id++) writer.encode(7, 0, codec, { id, note: 'from the browser' })
const written = writer.take().slice()

const bytes = new Uint8Array(100)
const check = schemaCheck({ '~standard': { version: 1, vendor: 'page', validate: value => ({ value: [value] }) } })
// Browsers neither encode into shared memory nor decode from it.
const shared = new Uint8Array(new SharedArrayBuffer(1000))
const text = { text: 'é漢😀'.repeat(40) }
const fromShared = [jsonCodec(), msgpackCodec()].map(some => some.decode(shared, 3, some.encode(text, shared, 3)))
const codes = []
try {
  new FrameDecoder(() => {}).push(written)
} catch (error) {
  codes.push(error.code)
}

const fromNode = await (await fetch('/from-node')).text()
report({
  compressors: builtInCompressors().map(({ name }) => name),
  written: hex(written),
  back: read(written, codec).length,
  fromNode: read(bytesOf(fromNode), codec),
  fromShared,
  json: jsonCodec({ check }).decode(bytes, 0, jsonCodec().encode({ a: 'é' }, bytes, 0)),
  codes,
})
