import { type Infer, struct } from '@disruptorx/layout'

const order = struct({ id: 'u53', symbol: 'u32', price: 'u32', size: 'u32', side: 'u8', weight: 'f64' })

/** Slots of the ring that is written and read over and over: 40 KiB, so that it stays in the first caches. */
const SLOTS = 1024

interface Sample {
  readonly ns: number
  readonly sum: number
}

function timed(count: number, body: (first: number) => number): Sample {
  const start = process.hrtime.bigint()
  let sum = 0
  for (let first = 0; first < count; first += SLOTS) sum += body(first)
  return { ns: Number(process.hrtime.bigint() - start) / count, sum }
}

/** The best of several rounds: what the code costs when nobody else has the core. */
function best(rounds: number, count: number, body: (first: number) => number): Sample {
  let sample = timed(count, body)
  for (let round = 1; round < rounds; round++) {
    const next = timed(count, body)
    sample = { ns: Math.min(sample.ns, next.ns), sum: sample.sum + next.sum }
  }
  return sample
}

const view = order.view(new SharedArrayBuffer(order.size * SLOTS))
const texts: string[] = new Array(SLOTS).fill('')
/** Holds what was copied: an object that nobody keeps would never be made. */
const kept: Infer<typeof order>[] = []

function writeFields(first: number): number {
  for (let i = 0; i < SLOTS; i++) {
    view.moveTo(i * order.size)
    view.id = (first + i) * 4_294_967
    view.symbol = i
    view.price = first & 0xffff
    view.size = i & 0xff
    view.side = i & 1
    view.weight = i + 0.5
  }
  return view.id
}

function setValues(first: number): number {
  for (let i = 0; i < SLOTS; i++) {
    const value = { id: first + i, symbol: i, price: first & 0xffff, size: i & 0xff, side: i & 1, weight: i + 0.5 }
    view.moveTo(i * order.size).set(value)
  }
  return view.id
}

function readFields(): number {
  let sum = 0
  for (let i = 0; i < SLOTS; i++) {
    view.moveTo(i * order.size)
    sum += view.id + view.symbol + view.price + view.size + view.side + view.weight
  }
  return sum
}

function copyValues(): number {
  for (let i = 0; i < SLOTS; i++) kept[i] = view.moveTo(i * order.size).copy()
  return kept[SLOTS - 1]?.id ?? 0
}

function writeJson(first: number): number {
  let length = 0
  for (let i = 0; i < SLOTS; i++) {
    const text = JSON.stringify({ id: first + i, symbol: i, price: first & 0xffff, size: i & 0xff, side: i & 1, weight: i + 0.5 })
    texts[i] = text
    length += text.length
  }
  return length
}

function readJson(): number {
  let sum = 0
  for (let i = 0; i < SLOTS; i++) sum += JSON.parse(texts[i] ?? '').id
  return sum
}

/**
 * What one event of six fields costs through a layout, in nanoseconds, and through JSON for comparison. One thread, memory in the
 * first caches: it does not measure the way from one core to another.
 */
export default {
  suite: 'layout',
  async run({ quick, log }: { quick: boolean; log(line: string): void }): Promise<Record<string, number>> {
    const [rounds, count] = quick ? [2, SLOTS * 20] : [10, SLOTS * 400]
    const results: Record<string, number> = {}
    let sum = 0
    const bodies = {
      'struct.writeNs': writeFields,
      'struct.readNs': readFields,
      'struct.setNs': setValues,
      'struct.copyNs': copyValues,
      'json.writeNs': writeJson,
      'json.readNs': readJson,
    }
    for (const [name, body] of Object.entries(bodies)) {
      const sample = best(rounds, count, body)
      results[name] = Math.round(sample.ns * 100) / 100
      sum += sample.sum
      log(`${name} ${results[name]}`)
    }
    // The sums depend on every field that was written and read: no loop can be left out.
    log(`checksum ${sum}`)
    return results
  },
}
