import type { Codec } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { type Infer, struct } from '@disruptorx/layout'
import { type Frame, FrameDecoder, FrameWriter, jsonCodec, msgpackCodec, structCodec } from '@disruptorx/serializer'

const order = struct({ id: 'u53', symbol: 'u32', price: 'u32', size: 'u32', side: 'u8' })
type Order = Infer<typeof order>

/** Different events that are written and read over and over: so few that they stay in the first caches. */
const EVENTS = 256
/** Bytes from one encoded event to the next. */
const SLOT = 128
const events: readonly Order[] = Array.from({ length: EVENTS }, (_, i) => ({
  id: 2 ** 33 + i,
  symbol: 17 + i,
  price: 10_000 + i,
  size: 100 + (i % 32),
  side: i & 1,
}))

/** One thing to measure: it deals with every event once, and returns a number that depends on all of them. */
type Body = () => number

function encodes(codec: Codec<Order>, target: Uint8Array): Body {
  return () => {
    let sum = 0
    for (let i = 0; i < EVENTS; i++) sum += codec.encode(events[i] as Order, target, i * SLOT)
    return sum
  }
}

function decodes(codec: Codec<Order>): Body {
  const bytes = new Uint8Array(EVENTS * SLOT)
  const lengths = events.map((event, i) => codec.encode(event, bytes, i * SLOT))
  return () => {
    let sum = 0
    for (let i = 0; i < EVENTS; i++) sum += codec.decode(bytes, i * SLOT, lengths[i] as number).price
    return sum
  }
}

/** Reads the events of the frames where they are: nothing is made. */
function reads(bytes: Uint8Array): Body {
  const reader = order.reader()
  let sum = 0
  const listener = (frame: Frame) => {
    const event = reader.read(frame.source, frame.offset, frame.length)
    sum += event.price + event.symbol
  }
  return () => {
    new FrameDecoder(listener).push(bytes)
    return sum
  }
}

function writes(append: (writer: FrameWriter, i: number) => boolean): Body {
  const writer = new FrameWriter()
  return () => {
    for (let i = 0; i < EVENTS; i++) append(writer, i)
    const bytes = writer.take()
    writer.recycle(bytes)
    return bytes.length
  }
}

function bodies(): Record<string, Body> {
  const target = new Uint8Array(EVENTS * SLOT)
  const codec = structCodec(order)
  const msgpack = msgpackCodec<Order>()
  const shared = msgpackCodec<Order>({ structures: [['id', 'symbol', 'price', 'size', 'side']] })
  const json = jsonCodec<Order>()
  const payload = new Uint8Array(64).fill(7)
  const writer = new FrameWriter()
  for (const event of events) writer.encode(1, 0, codec, event)
  return {
    'struct.encodeNs': encodes(codec, target),
    'struct.decodeNs': decodes(codec),
    'msgpack.encodeNs': encodes(msgpack, target),
    'msgpack.decodeNs': decodes(msgpack),
    'msgpackShared.encodeNs': encodes(shared, target),
    'msgpackShared.decodeNs': decodes(shared),
    'json.encodeNs': encodes(json, target),
    'json.decodeNs': decodes(json),
    'structuredClone.cloneNs': () => events.reduce((sum, event) => sum + structuredClone(event).price, 0),
    'frame.encodeNs': writes((to, i) => to.encode(1, 0, codec, events[i] as Order)),
    'frame.append64Ns': writes(to => to.append(1, 0, payload)),
    'frame.readNs': reads(writer.take().slice()),
  }
}

/**
 * What one order event of five fields costs, in nanoseconds: as bytes and back through each codec, and as a frame of a batch of 256. One
 * thread, memory in the first caches. `frame.encodeNs` writes the struct and its frame, CRC included; `frame.readNs` checks the batch and reads
 * two fields in place. It does not measure sockets, nor what garbage costs later.
 */
export default {
  suite: 'bytes',
  async run({ quick, log }: { quick: boolean; log(line: string): void }): Promise<Record<string, number>> {
    const [rounds, turns] = quick ? [2, 20] : [12, 1000]
    const results: Record<string, number> = {}
    let checksum = 0
    for (const [name, body] of Object.entries(bodies())) {
      let best = Number.POSITIVE_INFINITY
      for (let round = 0; round < rounds; round++) {
        const startedNs = systemClock.monotonicNs()
        for (let turn = 0; turn < turns; turn++) checksum += body()
        best = Math.min(best, (systemClock.monotonicNs() - startedNs) / turns / EVENTS)
      }
      results[name] = Math.round(best * 100) / 100
      log(`${name} ${results[name]}`)
    }
    // It depends on every event: no loop can be left out.
    log(`checksum ${checksum}`)
    return results
  },
}
