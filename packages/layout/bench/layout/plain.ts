import type { Infer, struct } from '@disruptorx/layout'

/** An event of six numbers. */
export const spec = { id: 'u53', symbol: 'u32', price: 'u32', size: 'u32', side: 'u8', weight: 'f64' } as const

/** Slots that are written and read over and over: 40 KiB, so that they stay in the first caches. */
export const SLOTS = 1024

/** Deals with each slot once, and returns a number that depends on all of them. */
export type Body = (first: number) => number

type Event = Infer<ReturnType<typeof struct<typeof spec>>>
export const eventOf = (first: number, i: number): Event => ({
  id: first + i,
  symbol: i,
  price: first & 0xffff,
  size: i & 0xff,
  side: i & 1,
  weight: i + 0.5,
})

/** An event of six numbers: property by property, and whole. */
export function plainBodies(name: string, layout: ReturnType<typeof struct<typeof spec>>): Record<string, Body> {
  const view = layout.view(new SharedArrayBuffer(layout.size * SLOTS))
  // Holds what was copied: an object that nobody keeps would never be made.
  const kept: Event[] = []
  return {
    [`${name}.writeNs`](first) {
      for (let i = 0; i < SLOTS; i++) {
        view.moveTo(i * layout.size)
        view.id = (first + i) * 4_294_967
        view.symbol = i
        view.price = first & 0xffff
        view.size = i & 0xff
        view.side = i & 1
        view.weight = i + 0.5
      }
      return view.id
    },
    [`${name}.readNs`]() {
      let sum = 0
      for (let i = 0; i < SLOTS; i++) {
        view.moveTo(i * layout.size)
        sum += view.id + view.symbol + view.price + view.size + view.side + view.weight
      }
      return sum
    },
    [`${name}.setNs`](first) {
      for (let i = 0; i < SLOTS; i++) view.moveTo(i * layout.size).set(eventOf(first, i))
      return view.id
    },
    [`${name}.copyNs`]() {
      for (let i = 0; i < SLOTS; i++) kept[i] = view.moveTo(i * layout.size).copy()
      return kept[SLOTS - 1]?.id ?? 0
    },
  }
}
