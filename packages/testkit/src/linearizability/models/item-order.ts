/** An item that went through a queue, and the gaps in which it can have been pushed and shifted, both ends included. */
export interface Item {
  readonly push: number
  /** -1 if nothing took it. */
  shift: number
  pushFrom: number
  pushUntil: number
  shiftFrom: number
  shiftUntil: number
  /** The how-many-th stretch of time between moments at which the queue was empty it belongs to. */
  stretch: number
}

/** Items in an order in which each can have been pushed, and also shifted, before the next; `'none'` if there is none. */
export function inOrderOfItems(items: readonly Item[]): readonly Item[] | 'none' {
  const stretches = [...Map.groupBy(items, ({ stretch }) => stretch)].sort(([a], [b]) => a - b)
  const inOrder: Item[] = []
  for (const [, ofStretch] of stretches) if (!sortInto(inOrder, ofStretch)) return 'none'
  return inOrder
}

/**
 * Appends the items of one stretch: always one that can be pushed before any other has to have been, and shifted likewise. Once an item can come next, it
 * can until it does. False if none can.
 */
function sortInto(inOrder: Item[], items: readonly Item[]): boolean {
  const done = new Set<Item>()
  const sides = [new Side(items, 'pushFrom', 'pushUntil'), new Side(items, 'shiftFrom', 'shiftUntil')]
  const onOneSide = new Set<Item>()
  const ready: Item[] = []
  while (done.size < items.length) {
    for (const item of sides.flatMap(side => side.nextFree(done))) {
      if (onOneSide.has(item)) ready.push(item)
      else onOneSide.add(item)
    }
    const item = ready[done.size]
    if (item === undefined) return false
    done.add(item)
    inOrder.push(item)
  }
  return true
}

/** The pushes of some items, or their shifts. */
class Side {
  readonly #byFrom: readonly Item[]
  readonly #byUntil: readonly Item[]
  readonly #from: 'pushFrom' | 'shiftFrom'
  readonly #until: 'pushUntil' | 'shiftUntil'
  #free = 0
  #first = 0

  constructor(items: readonly Item[], from: 'pushFrom' | 'shiftFrom', until: 'pushUntil' | 'shiftUntil') {
    this.#from = from
    this.#until = until
    this.#byFrom = [...items].sort((a, b) => a[from] - b[from])
    this.#byUntil = [...items].sort((a, b) => a[until] - b[until])
  }

  /** Those that can come before all that are not done, and were not named before. */
  nextFree(done: ReadonlySet<Item>): readonly Item[] {
    while (done.has(this.#byUntil[this.#first] as Item)) this.#first++
    const deadline = this.#byUntil[this.#first]?.[this.#until] ?? Number.POSITIVE_INFINITY
    const from = this.#free
    while (this.#free < this.#byFrom.length && (this.#byFrom[this.#free] as Item)[this.#from] <= deadline) this.#free++
    return this.#byFrom.slice(from, this.#free)
  }
}
