import { UNKNOWN } from '../model.ts'
import type { Operation } from '../operation.ts'
import { type Gaps, gapsOf } from '../timeline.ts'
import { type Item, inOrderOfItems } from './item-order.ts'
import type { QueueInput, QueueOutput } from './queue.ts'

type OfQueue = Operation<QueueInput, QueueOutput>

/** What happened, by item. */
interface Sorted {
  readonly pushes: ReadonlyMap<QueueOutput, number>
  readonly shifts: ReadonlyMap<QueueOutput, number>
  /** Shifts that found nothing. */
  readonly empties: readonly number[]
  /** Shifts of which nobody knows what they took, in the order of their calls. */
  readonly lost: readonly number[]
}

/**
 * An order of the operations on a queue, if no item was pushed twice.
 *
 * An item comes before another if its push or its shift had to come before; the queue was empty at any moment at which no item had to be in it. Such
 * items have an order if no two have to come before each other (Henzinger, Sezgin and Vafeiadis, "Aspect-Oriented Linearizability Proofs", 2013).
 */
export function orderOfUniqueItems(operations: readonly OfQueue[]): readonly number[] | 'none' | undefined {
  const gaps = gapsOf(operations)
  const sorted = sort(operations, gaps)
  if (sorted === 'none' || sorted === undefined) return sorted
  const items = itemsOf(sorted, gaps)
  if (items === 'none') return 'none'
  const emptyAt = momentsOf(sorted.empties, items, gaps)
  if (emptyAt === 'none') return 'none'
  const cuts = [...new Set(emptyAt)].sort((a, b) => a - b)
  for (const item of items) keepBetween(cuts, item)
  const inOrder = inOrderOfItems(items)
  if (inOrder === 'none') return 'none'
  return merge(inOrder, sorted.empties, emptyAt, cuts, gaps.end)
}

function sort(operations: readonly OfQueue[], { earliest, latest, end }: Gaps): Sorted | 'none' | undefined {
  const [pushes, shifts] = [new Map<QueueOutput, number>(), new Map<QueueOutput, number>()]
  const [empties, lost]: [number[], number[]] = [[], []]
  let isTwice = false
  for (const [index, { input, output }] of operations.entries()) {
    const isOpen = latest[index] === end
    if (input.kind === 'push') {
      if (pushes.has(input.item)) return undefined
      pushes.set(input.item, index)
    } else if (output === UNKNOWN) lost.push(index)
    else if (output === null) {
      if (!isOpen) empties.push(index)
    } else {
      const other = shifts.get(output)
      const isOtherOpen = other === undefined || latest[other] === end
      isTwice ||= !isOpen && !isOtherOpen
      // What returned is what took it; of those that did not, the first that can have.
      const isFirst = other === undefined || (earliest[index] as number) < (earliest[other] as number)
      if (isOtherOpen && (!isOpen || isFirst)) shifts.set(output, index)
    }
  }
  if (isTwice) return 'none'
  return { pushes, shifts, empties, lost: lost.sort((a, b) => (earliest[a] as number) - (earliest[b] as number)) }
}

/** The items that must have been pushed, with the shifts that took them, or may have. */
function itemsOf({ pushes, shifts, lost }: Sorted, { earliest, latest, end }: Gaps): Item[] | 'none' {
  for (const [item, shift] of shifts) if (latest[shift] !== end && !pushes.has(item)) return 'none'
  const items: Item[] = []
  const left: Item[] = []
  for (const [output, push] of pushes) {
    const shift = shifts.get(output) ?? -1
    const isTaken = shift >= 0 && latest[shift] !== end
    // A push that nobody saw return, or the item of, may be left out.
    if (!isTaken && latest[push] === end) continue
    const pushFrom = earliest[push] as number
    const item = { push, shift, pushFrom, pushUntil: latest[push] as number, shiftFrom: end, shiftUntil: end, stretch: 0 }
    items.push(item)
    if (shift < 0) left.push(item)
    else take(item, shift, earliest[shift] as number, latest[shift] as number)
    if (item.pushUntil < pushFrom) return 'none'
  }
  // If any order is right, so is one in which lost shifts take what was left in the order in which it must have been pushed, the first the first.
  left.sort((a, b) => a.pushUntil - b.pushUntil)
  for (const [index, item] of left.slice(0, lost.length).entries())
    take(item, lost[index] as number, earliest[lost[index] as number] as number, end)
  return items
}

function take(item: Item, shift: number, from: number, until: number): void {
  item.shift = shift
  item.shiftFrom = Math.max(from, item.pushFrom)
  item.shiftUntil = until
  item.pushUntil = Math.min(item.pushUntil, until)
}

/** For each shift that found nothing, a gap in which no item must have been in the queue. */
function momentsOf(empties: readonly number[], items: readonly Item[], { earliest, latest, end }: Gaps): number[] | 'none' {
  const change = new Int32Array(end + 2)
  for (const { pushUntil, shiftFrom } of items) {
    if (pushUntil + 1 >= shiftFrom) continue
    change[pushUntil + 1] = (change[pushUntil + 1] as number) + 1
    change[shiftFrom] = (change[shiftFrom] as number) - 1
  }
  const nextEmpty = new Int32Array(end + 1).fill(end)
  let count = 0
  for (let gap = 0; gap < end; gap++) {
    count += change[gap] as number
    nextEmpty[gap] = count === 0 ? gap : end
  }
  for (let gap = end - 1; gap >= 0; gap--) if (nextEmpty[gap] === end) nextEmpty[gap] = nextEmpty[gap + 1] as number
  const moments = empties.map(index => nextEmpty[earliest[index] as number] as number)
  return moments.some((moment, index) => moment > (latest[empties[index] as number] as number)) ? 'none' : moments
}

/** Between two moments at which the queue was empty an item came and went: as early as it can. */
function keepBetween(cuts: readonly number[], item: Item): void {
  let [low, high] = [0, cuts.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cuts[middle] as number) < item.shiftFrom) low = middle + 1
    else high = middle
  }
  item.stretch = low
  item.pushFrom = Math.max(item.pushFrom, cuts[low - 1] ?? 0)
  item.pushUntil = Math.min(item.pushUntil, cuts[low] ?? item.pushUntil)
  item.shiftUntil = Math.min(item.shiftUntil, cuts[low] ?? item.shiftUntil)
}

/** The operations in the order in which they take effect: each as early as it can after those of the item before. */
function merge(
  items: readonly Item[],
  empties: readonly number[],
  emptyAt: readonly number[],
  cuts: readonly number[],
  end: number,
): number[] {
  const stretchBefore = new Map(cuts.map((cut, index) => [cut, index]))
  // Within a gap: what comes before the queue is empty, then what found it empty, then the rest; pushes before shifts.
  const placed = empties.map((operation, index) => {
    const gap = emptyAt[index] as number
    return { operation, gap, side: 2 * (stretchBefore.get(gap) as number) + 1, kind: 0, index }
  })
  let [pushAt, shiftAt] = [0, 0]
  for (const [index, { push, shift, pushFrom, shiftFrom, stretch }] of items.entries()) {
    pushAt = Math.max(pushAt, pushFrom)
    shiftAt = Math.max(shiftAt, pushAt, shiftFrom)
    placed.push({ operation: push, gap: pushAt, side: 2 * stretch, kind: 0, index })
    // At the end are those that nobody saw return, behind an item that stays: they take nothing.
    if (shiftAt < end) placed.push({ operation: shift, gap: shiftAt, side: 2 * stretch, kind: 1, index })
  }
  placed.sort((a, b) => a.gap - b.gap || a.side - b.side || a.kind - b.kind || a.index - b.index)
  return placed.map(({ operation }) => operation)
}
