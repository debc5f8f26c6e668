import { type StructSpec, struct } from '@disruptorx/layout'
import { layoutOf } from '../src/struct.ts'
import { interpretViewClass } from '../src/views/interpret.ts'
import { type Body, eventOf, plainBodies, SLOTS, spec } from './layout/plain.ts'

/** The same functions once more: V8 keeps what it learnt of them apart, so that neither kind of view slows the other. */
const again: typeof import('./layout/plain.ts') = await import(new URL('layout/plain.ts?interpreted', import.meta.url).href)

const richSpec = {
  ...{ id: 'u53', price: 'u32', size: 'u32' },
  side: { enum: ['buy', 'sell'] },
  symbol: { string: 8 },
  at: { struct: { x: 'f64', y: 'f64' } },
  levels: { array: 'u32', length: 4 },
} as const satisfies StructSpec

interface Sample {
  readonly ns: number
  readonly sum: number
}

function timed(count: number, body: Body): Sample {
  const start = process.hrtime.bigint()
  let sum = 0
  for (let first = 0; first < count; first += SLOTS) sum += body(first)
  return { ns: Number(process.hrtime.bigint() - start) / count, sum }
}

/** The best of several rounds: what the code costs when nobody else has the core. */
function best(rounds: number, count: number, body: Body): Sample {
  let sample = timed(count, body)
  for (let round = 1; round < rounds; round++) {
    const next = timed(count, body)
    sample = { ns: Math.min(sample.ns, next.ns), sum: sample.sum + next.sum }
  }
  return sample
}

/** An event with a name, a text, a nested struct and an array. */
function richBodies(): Record<string, Body> {
  const layout = struct(richSpec)
  const memory = new SharedArrayBuffer(layout.size * SLOTS)
  const [view, reader, bytes] = [layout.view(memory), layout.reader(), new Uint8Array(memory)]
  const symbols = ['AAPL', 'MSFT', 'GOOGL', 'BRK.A']
  const events = Array.from({ length: SLOTS }, (_, i) => ({
    ...{ id: i, price: i * 3, size: i & 0xff, side: i & 1 ? ('sell' as const) : ('buy' as const), symbol: symbols[i & 3] ?? '' },
    ...{ at: { x: i / 2, y: i }, levels: [i, i + 1, i + 2, i + 3] },
  }))
  const kept: object[] = []
  return {
    'rich.setNs'() {
      for (let i = 0; i < SLOTS; i++) view.moveTo(i * layout.size).set(events[i] as (typeof events)[0])
      return view.id
    },
    'rich.readNs'() {
      let sum = 0
      for (let i = 0; i < SLOTS; i++) {
        view.moveTo(i * layout.size)
        sum += view.price + view.at.x + view.levels.get(2) + (view.side === 'buy' ? 1 : 0)
      }
      return sum
    },
    'rich.copyNs'() {
      for (let i = 0; i < SLOTS; i++) kept[i] = reader.read(bytes, i * layout.size, layout.size).copy()
      return kept.length
    },
  }
}

function jsonBodies(): Record<string, Body> {
  const texts: string[] = new Array(SLOTS).fill('')
  return {
    'json.writeNs'(first) {
      let length = 0
      for (let i = 0; i < SLOTS; i++) {
        const text = JSON.stringify(eventOf(first, i))
        texts[i] = text
        length += text.length
      }
      return length
    },
    'json.readNs'() {
      let sum = 0
      for (let i = 0; i < SLOTS; i++) sum += JSON.parse(texts[i] ?? '').id
      return sum
    },
  }
}

/**
 * What one event costs through a layout, in nanoseconds: generated code, the same without (`interpreted`), and JSON for comparison. One thread, memory in the
 * first caches: it does not measure the way from one core to another.
 */
export default {
  suite: 'layout',
  async run({ quick, log }: { quick: boolean; log(line: string): void }): Promise<Record<string, number>> {
    const [rounds, count] = quick ? [2, SLOTS * 20] : [10, SLOTS * 400]
    const results: Record<string, number> = {}
    let sum = 0
    const bodies = {
      ...plainBodies('struct', struct(spec)),
      ...richBodies(),
      ...again.plainBodies('interpreted', layoutOf(spec, {}, interpretViewClass)),
      ...jsonBodies(),
    }
    for (const [name, body] of Object.entries(bodies)) {
      const sample = best(rounds, name.startsWith('interpreted') ? count / 4 : count, body)
      results[name] = Math.round(sample.ns * 100) / 100
      sum += sample.sum
      log(`${name} ${results[name]}`)
    }
    // The sums depend on every field that was written and read: no loop can be left out.
    log(`checksum ${sum}`)
    return results
  },
}
