import { runProcess } from '@disruptorx/testkit'
import { expect, it } from 'vitest'

/** In a process of its own: prints the bytes of heap that each path takes for an event, once its code has been compiled. */
const program = `
import { GCProfiler, getHeapStatistics } from 'node:v8'
import { struct } from '@disruptorx/layout'
import { FrameDecoder, FrameWriter, structCodec } from '@disruptorx/serializer'

const order = struct({ id: 'u53', symbol: 'u32', price: 'u32', side: 'u8' })
const codec = structCodec(order)
const reader = order.reader()
const event = { id: 2 ** 40, symbol: 7, price: 100, side: 1 }
const target = new Uint8Array(64)
const payload = new Uint8Array(64)
const writer = new FrameWriter()
for (let i = 0; i < 1000; i++) writer.encode(1, 0, codec, event)
const batch = writer.take().slice()
let sum = 0
const decoder = new FrameDecoder(frame => {
  sum += reader.read(frame.source, frame.offset, frame.length).price
})
function gather(append) {
  for (let i = 0; i < 1000; i++) append()
  writer.recycle(writer.take())
}
const paths = {
  encode() {
    for (let i = 0; i < 1000; i++) codec.encode(event, target, 0)
  },
  frame: () => gather(() => writer.encode(1, 0, codec, event)),
  append: () => gather(() => writer.append(1, 0, payload)),
  read: () => decoder.push(batch),
}
const bytes = {}
for (const [name, path] of Object.entries(paths)) {
  for (let i = 0; i < 300; i++) path()
  const profiler = new GCProfiler()
  profiler.start()
  const before = getHeapStatistics().used_heap_size
  for (let i = 0; i < 200; i++) path()
  const grown = getHeapStatistics().used_heap_size - before
  const freed = profiler.stop().statistics.reduce((all, { beforeGC, afterGC }) =>
    all + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize, 0)
  bytes[name] = (grown + freed) / 200_000
}
console.log(JSON.stringify(bytes))
`

it('the paths of structs and frames allocate nothing per event', async () => {
  const { stdout, stderr } = await runProcess({
    command: process.execPath,
    args: ['--input-type=module', '-e', program],
    cwd: import.meta.dirname,
  })
  expect(stderr).toBe('')
  const bytes = JSON.parse(stdout) as Record<string, number>
  // The smallest object takes 12 bytes; a turn of 1,000 events may make a few views.
  for (const [path, perEvent] of Object.entries(bytes)) expect(perEvent, path).toBeLessThan(4)
  expect(Object.keys(bytes)).toEqual(['encode', 'frame', 'append', 'read'])
})
