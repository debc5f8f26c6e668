import app, {
  applyMessage,
  Book,
  createMessage,
  formatLine,
  Hash64,
  LONGEST_LINE,
  OrderFlow,
  type OrderMessage,
  orderEvent,
  parseLine,
} from '@disruptorx/exchange'

interface BenchOptions {
  readonly quick: boolean
  log(line: string): void
}

/** Messages of a flow, prebuilt, so that a run measures the book and not the flow. */
interface Prebuilt {
  readonly count: number
  readonly types: Uint8Array
  readonly ids: Float64Array
  readonly prices: Uint32Array
  readonly sizes: Uint32Array
  readonly sides: Int8Array
}

const SEED = 42
const RUNS = 5

/** The best of a few runs, in things per second. Does not measure: latencies, a book beyond the caches, a busy machine. */
function best(runs: number, things: number, run: () => void): number {
  let fastest = Number.POSITIVE_INFINITY
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    run()
    fastest = Math.min(fastest, performance.now() - start)
  }
  return Math.round((things / fastest) * 1000)
}

function prebuild(count: number): Prebuilt {
  const flow = new OrderFlow({ seed: SEED })
  const message = createMessage()
  const built: Prebuilt = {
    count,
    types: new Uint8Array(count),
    ids: new Float64Array(count),
    prices: new Uint32Array(count),
    sizes: new Uint32Array(count),
    sides: new Int8Array(count),
  }
  for (let i = 0; i < count; i++) {
    flow.next(message)
    built.types[i] = message.type
    built.ids[i] = message.id
    built.prices[i] = message.price
    built.sizes[i] = message.size
    built.sides[i] = message.side
  }
  return built
}

function loadMessage(from: Prebuilt, at: number, into: OrderMessage): void {
  into.type = from.types[at] as OrderMessage['type']
  into.id = from.ids[at] as number
  into.price = from.prices[at] as number
  into.size = from.sizes[at] as number
  into.side = from.sides[at] as number
}

/** Submits only, over 200 prices, into a book that grows to hold them all. */
function submits(count: number): void {
  const book = new Book({ initialOrders: count, maxOrders: count })
  for (let i = 0; i < count; i++) {
    const side = (i & 1) === 0 ? 1 : -1
    book.submit(i * 7 + 1, side, 5_850_000 - side * (1 + ((Math.imul(i, 0x9e3779b1) >>> 0) % 100)) * 100, 100)
  }
  if (book.restingOrders !== count) throw new Error('a submit was refused')
}

function mix(built: Prebuilt): void {
  const book = new Book({ initialOrders: 10_000 })
  const message = createMessage()
  for (let i = 0; i < built.count; i++) {
    loadMessage(built, i, message)
    applyMessage(book, message)
  }
  if (book.counters().rejected !== 0) throw new Error('a message was refused')
}

/** The whole application: reads each event from shared bytes and applies it, as a handler thread does. */
function applied(built: Prebuilt): void {
  const slots = 1024
  const view = orderEvent.view(new SharedArrayBuffer(slots * orderEvent.size))
  const context = { now: 0, random: { u32: () => 0 }, index: 1, ordinal: 0 }
  const { submit, reduce, cancel, execute, hidden, halt } = app.apply
  const byType = [halt, submit, reduce, cancel, execute, hidden, halt, halt]
  const state = app.state()
  for (let i = 0; i < built.count; i++) {
    view.moveTo((i & (slots - 1)) * orderEvent.size)
    view.id = built.ids[i] as number
    view.price = built.prices[i] as number
    view.size = built.sizes[i] as number
    view.side = built.sides[i] as number
    view.line = i + 1
    const handler = byType[built.types[i] as number] ?? halt
    handler(state, view, context)
  }
  if (state.book.counters().rejected !== 0) throw new Error('an event was refused')
}

function generate(count: number): void {
  const flow = new OrderFlow({ seed: SEED })
  const message = createMessage()
  for (let i = 0; i < count; i++) flow.next(message)
}

/** The lines of a flow as the bytes of a file. */
function fileOf(count: number): Uint8Array {
  const flow = new OrderFlow({ seed: SEED })
  const message = createMessage()
  const bytes = new Uint8Array(count * LONGEST_LINE)
  let end = 0
  for (let i = 0; i < count; i++) {
    flow.next(message)
    end = formatLine(message, bytes, end)
  }
  return bytes.subarray(0, end)
}

function parse(file: Uint8Array, lines: number): void {
  const message = createMessage()
  let parsed = 0
  for (let start = 0; start < file.length; ) {
    const end = file.indexOf(10, start)
    if (parseLine(file, start, end, message)) parsed++
    start = end + 1
  }
  if (parsed !== lines) throw new Error('a line was no message')
}

export default {
  suite: 'book',

  /** All in things per second, one thread, the best of five runs. */
  async run({ quick, log }: BenchOptions): Promise<Record<string, number>> {
    const count = quick ? 10_000 : 2_000_000
    const runs = quick ? 2 : RUNS
    const built = prebuild(count)
    const file = fileOf(count / 10)
    const hash = new Hash64()
    const results = {
      submitsPerSecond: best(runs, count, () => submits(count)),
      ordersPerSecond: best(runs, count, () => mix(built)),
      appliedPerSecond: best(runs, count, () => applied(built)),
      generatedPerSecond: best(runs, count, () => generate(count)),
      parsedLinesPerSecond: best(runs, count / 10, () => parse(file, count / 10)),
      hashBytesPerSecond: best(runs, file.length, () => hash.bytes(file)),
    }
    for (const [name, value] of Object.entries(results)) log(`${name} ${value.toLocaleString('en')}`)
    return results
  },
}
