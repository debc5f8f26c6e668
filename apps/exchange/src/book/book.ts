import { wholeOption } from '../errors.ts'
import { type BookCounters, Count, CounterCells } from './counters.ts'
import { IdIndex } from './id-index.ts'
import { LevelSlots } from './level-slots.ts'
import { OrderSlots } from './order-slots.ts'
import { Outcome } from './outcome.ts'
import { PriceLadder, rankOfPrice } from './price-ladder.ts'

/** The largest `maxOrders`: at 32 bytes an order and its share of the index about 1 GiB. */
export const MOST_ORDERS = 2 ** 25
const DEFAULT_MAX_ORDERS = 4_194_304
const FIRST_CAPACITY = 1024

/** What a {@link Book} can be told. */
export interface BookOptions {
  /** How many orders may rest at once; beyond it a submit is refused as `book-full`. From 1 to 2^25. @default 4,194,304 */
  readonly maxOrders?: number
  /** How many orders to make room for at once: growing moves everything, which a busy book may want behind it. From 1 to `maxOrders`. @default 1024 */
  readonly initialOrders?: number
}

/**
 * A limit order book with price-time priority over typed arrays: no object per order, none per operation.
 *
 * It replays what an exchange decided and never matches by itself, so bids at or above the asks are let in. Ids are whole numbers from 0 to
 * 2^53 - 1, prices and sizes from 1 to 2^32 - 1, sides 1 (buy) and -1 (sell). Everything an operation can go wrong by is an {@link Outcome},
 * never an exception. A *slot* names a resting order until the next operation that changes the book; -1 is none.
 */
export class Book {
  /** How many orders may rest at once. */
  readonly maxOrders: number
  readonly #orders: OrderSlots
  readonly #levels: LevelSlots
  readonly #index: IdIndex
  readonly #bids = new PriceLadder()
  readonly #asks = new PriceLadder()
  readonly #counters = new CounterCells()

  /** @throws {OptionError} an option is out of its range */
  constructor(options: BookOptions = {}) {
    this.maxOrders = wholeOption('maxOrders', options.maxOrders ?? DEFAULT_MAX_ORDERS, 1, MOST_ORDERS)
    const first = options.initialOrders ?? Math.min(FIRST_CAPACITY, this.maxOrders)
    const capacity = wholeOption('initialOrders', first, 1, this.maxOrders)
    this.#orders = new OrderSlots(capacity)
    this.#levels = new LevelSlots(Math.min(capacity, FIRST_CAPACITY))
    this.#index = new IdIndex(capacity)
  }

  /** How many orders rest. */
  get restingOrders(): number {
    return this.#orders.count
  }

  /** How many prices have orders on a side. */
  levelCount(side: number): number {
    return this.#ladder(side).count
  }

  /** The best price of a side, or 0 when it is empty. */
  bestPrice(side: number): number {
    const best = this.#ladder(side).best
    return best === -1 ? 0 : (this.#levels.prices[best] as number)
  }

  /** Puts an order at the end of the queue at its price. */
  // Hot: benchmark `book/submitsPerSecond`.
  submit(id: number, side: number, price: number, size: number): Outcome {
    const outcome = this.place(id, side, price, size)
    if (outcome !== Outcome.accepted) return this.#refuse(outcome)
    return this.#accept(Count.submits)
  }

  /** Takes `size` shares off an order, which keeps its place; at least the rest takes it out. */
  // Hot: benchmark `book/ordersPerSecond`.
  reduce(id: number, size: number): Outcome {
    if (!isAmount(size)) return this.#refuse(Outcome.invalid)
    const slot = this.#index.find(this.#orders.ids, id)
    if (slot === -1) return this.#refuse(Outcome.unknownOrder)
    this.#take(slot, size)
    return this.#accept(Count.reductions)
  }

  /** Takes an order out. */
  // Hot: benchmark `book/ordersPerSecond`.
  cancel(id: number): Outcome {
    const slot = this.#index.remove(this.#orders.ids, id)
    if (slot === -1) return this.#refuse(Outcome.unknownOrder)
    this.#unlink(slot)
    return this.#accept(Count.cancels)
  }

  /** Fills `size` shares of an order; at least the rest takes it out. */
  // Hot: benchmark `book/ordersPerSecond`.
  execute(id: number, size: number): Outcome {
    if (!isAmount(size)) return this.#refuse(Outcome.invalid)
    const slot = this.#index.find(this.#orders.ids, id)
    if (slot === -1) return this.#refuse(Outcome.unknownOrder)
    const level = this.#orders.levels[slot] as number
    if (this.#ladder(this.#levels.sides[level] as number).best === level) {
      this.#counters.add(Count.executionsAtBest)
      if (this.#levels.heads[level] === slot) this.#counters.add(Count.executionsAtFront)
    }
    this.#take(slot, size)
    return this.#accept(Count.executions)
  }

  /** Counts the execution of an order that was never shown. The book stays as it is. */
  executeHidden(): Outcome {
    return this.#accept(Count.hidden)
  }

  /** Notes a halt or resumption of trading, which only counts as an event. */
  halt(): Outcome {
    this.#counters.add(Count.events)
    return Outcome.accepted
  }

  /** What the book has counted. */
  counters(): BookCounters {
    return this.#counters.read()
  }

  /** Sets the counters: for whoever builds a book from a snapshot. */
  setCounters(counters: BookCounters): void {
    this.#counters.write(counters)
  }

  /** {@link submit} without counting: for whoever builds a book from a snapshot. */
  place(id: number, side: number, price: number, size: number): Outcome {
    if (!isAmount(price) || !isAmount(size) || !isId(id) || (side !== 1 && side !== -1)) return Outcome.invalid
    const orders = this.#orders
    if (orders.count === orders.capacity && !this.#grow())
      return this.#index.find(orders.ids, id) === -1 ? Outcome.bookFull : Outcome.duplicateOrder
    const slot = orders.upcoming
    if (!this.#index.insert(orders.ids, id, slot)) return Outcome.duplicateOrder
    orders.take()
    orders.ids[slot] = id
    orders.rests[slot] = size
    this.#append(slot, this.#levelAt(side, price))
    return Outcome.accepted
  }

  /** The slot of an order, or -1. */
  slotOf(id: number): number {
    return this.#index.find(this.#orders.ids, id)
  }

  /** The slot of the order that is next to trade on a side, or -1. */
  front(side: number): number {
    const best = this.#ladder(side).best
    return best === -1 ? -1 : (this.#levels.heads[best] as number)
  }

  /** The slot of the order behind another at the same price, or -1. */
  behind(slot: number): number {
    return this.#orders.next[slot] as number
  }

  /** The id of the order in a slot. */
  idAt(slot: number): number {
    return this.#orders.ids[slot] as number
  }

  /** The shares left of the order in a slot. */
  restAt(slot: number): number {
    return this.#orders.rests[slot] as number
  }

  /** The price of the order in a slot. */
  priceAt(slot: number): number {
    return this.#levels.prices[this.#orders.levels[slot] as number] as number
  }

  /** The side of the order in a slot: 1 or -1. */
  sideAt(slot: number): number {
    return this.#levels.sides[this.#orders.levels[slot] as number] as number
  }

  /** The first slot of each price of a side, the best price first; walk each queue with {@link behind}. The book must not change meanwhile. */
  *queues(side: number): Generator<number, void, void> {
    for (const level of this.#ladder(side).bestFirst()) yield this.#levels.heads[level] as number
  }

  /** How many orders rest at the price of the order in a slot. */
  queueLengthAt(slot: number): number {
    return this.#levels.counts[this.#orders.levels[slot] as number] as number
  }

  #ladder(side: number): PriceLadder {
    return side > 0 ? this.#bids : this.#asks
  }

  #accept(counter: number): Outcome {
    this.#counters.add(Count.events)
    this.#counters.add(counter)
    return Outcome.accepted
  }

  #refuse(outcome: Outcome): Outcome {
    this.#counters.add(Count.events)
    this.#counters.add(Count.rejected)
    return outcome
  }

  /** Doubles the room for orders; false when there can be no more. */
  #grow(): boolean {
    const capacity = Math.min(this.#orders.capacity * 2, this.maxOrders)
    if (capacity === this.#orders.capacity) return false
    this.#orders.grow(capacity)
    this.#index.grow(this.#orders.ids, capacity)
    return true
  }

  #levelAt(side: number, price: number): number {
    const ladder = this.#ladder(side)
    const best = ladder.best
    if (best !== -1 && this.#levels.prices[best] === price) return best
    const rank = rankOfPrice(side, price)
    const known = ladder.find(rank)
    if (known !== -1) return known
    const level = this.#levels.take(side, price)
    ladder.insert(rank, level)
    return level
  }

  #append(slot: number, level: number): void {
    const orders = this.#orders
    const levels = this.#levels
    const tail = levels.tails[level] as number
    orders.levels[slot] = level
    orders.previous[slot] = tail
    orders.next[slot] = -1
    if (tail === -1) levels.heads[level] = slot
    else orders.next[tail] = slot
    levels.tails[level] = slot
    levels.counts[level] = (levels.counts[level] as number) + 1
  }

  #take(slot: number, size: number): void {
    const orders = this.#orders
    const rest = orders.rests[slot] as number
    if (size < rest) {
      orders.rests[slot] = rest - size
      return
    }
    this.#index.remove(orders.ids, orders.ids[slot] as number)
    this.#unlink(slot)
  }

  /** Takes an order, already out of the index, from its queue and frees its slot. */
  #unlink(slot: number): void {
    const orders = this.#orders
    const levels = this.#levels
    const level = orders.levels[slot] as number
    const before = orders.previous[slot] as number
    const after = orders.next[slot] as number
    if (before === -1) levels.heads[level] = after
    else orders.next[before] = after
    if (after === -1) levels.tails[level] = before
    else orders.previous[after] = before
    const left = (levels.counts[level] as number) - 1
    levels.counts[level] = left
    if (left === 0) {
      const side = levels.sides[level] as number
      this.#ladder(side).remove(rankOfPrice(side, levels.prices[level] as number))
      levels.release(level)
    }
    orders.release(slot)
  }
}

/** Whether a price or a size is a whole number from 1 to 2^32 - 1. */
function isAmount(value: number): boolean {
  return value >>> 0 === value && value !== 0
}

function isId(id: number): boolean {
  return Number.isSafeInteger(id) && id >= 0
}
