import { Book } from '../book/book.ts'
import { wholeOption } from '../errors.ts'
import { applyMessage, MessageType, type OrderMessage } from '../order-file/message.ts'
import { FlowRandom } from './flow-random.ts'

/** Nanoseconds after midnight at which a generated session opens (09:30) and closes (16:00); the next day's follows at once. */
export const SESSION_OPENS = 34_200_000_000_000
export const SESSION_CLOSES = 57_600_000_000_000
/** One cent, in prices. */
const TICK = 100
const FIRST_MID = 58_500
/** The middle stays between these, in ticks, so that every price is a positive u32. */
export const LOWEST_MID = 20_000
export const HIGHEST_MID = 100_000

// Shares of all messages in 65,536ths, as counted in an hour of AAPL on NASDAQ. What is left over are cancels.
const SHARES = 65_536
const HIDDEN_SHARE = 1_570
const EXECUTE_SHARE = 2_550
const REDUCE_SHARE = 335
const SUBMIT_SHARE = 32_100
/** How far the share of submits leans towards the wanted number of orders: at an empty book by this much. */
const LEAN = 14_000
/** Of 2^32 draws: about one message in a million is a halt. */
const HALT_BELOW = 4_295
const SIZES = [100, 100, 100, 100, 100, 100, 100, 100, 18, 22, 50, 200, 200, 300, 500, 1000] as const

/** What an {@link OrderFlow} can be told. */
export interface OrderFlowOptions {
  /** Decides everything. From 0 to 2^53 - 1. */
  readonly seed: number
  /** How many orders rest in the long run; never more than twice as many. From 100 to 100,000. @default 5000 */
  readonly restingOrders?: number
}

/** Everything that decides how a flow goes on, beside its random numbers and its book. */
export interface FlowState {
  /** Messages made so far. */
  count: number
  /** Time of the last one. */
  time: number
  /** Id of the youngest order. */
  lastId: number
  /** The price that orders gather around, in ticks. */
  mid: number
  /** How many entries of `table` are in use. */
  live: number
  /** Ids of resting orders, and of some that were executed since, in the order that picks see. */
  readonly table: Float64Array
}

/**
 * An endless flow of orders that looks like a busy stock's, decided by its seed alone: the same on every machine, in 32-bit integer arithmetic.
 *
 * It keeps a book of its own, so every message names an order that rests, and refers to it truly. Orders are placed around a drifting middle
 * price; one that would cross the other side executes that side's front order instead. Orders, prices and time stamps stay bounded however long it runs.
 */
export class OrderFlow {
  /** The wanted number of resting orders. */
  readonly restingOrders: number
  /** The book after the last message. Not to be changed from outside. */
  readonly book: Book
  readonly random: FlowRandom
  /** How the flow goes on: for {@link saveFlow} and its like. */
  readonly state: FlowState
  #picked = 0

  /** @throws {OptionError} an option is out of its range */
  constructor(options: OrderFlowOptions, book?: Book) {
    this.random = new FlowRandom(wholeOption('seed', options.seed, 0, Number.MAX_SAFE_INTEGER))
    this.restingOrders = wholeOption('restingOrders', options.restingOrders ?? 5000, 100, 100_000)
    const most = this.restingOrders * 2
    this.book = book ?? new Book({ maxOrders: most, initialOrders: most })
    this.state = { count: 0.5, time: 0.5, lastId: 0.5, mid: FIRST_MID, live: 0, table: new Float64Array(most * 2) }
    this.state.count = 0
    this.state.time = SESSION_OPENS
    this.state.lastId = 0
  }

  /** How many messages it has made. */
  get count(): number {
    return this.state.count
  }

  /** Makes the next message. */
  // Hot: benchmark `book/generatedPerSecond`. Makes no object; V8 boxes an id beyond 2^31 where it does not inline a call.
  next(message: OrderMessage): void {
    this.#advance()
    message.time = this.state.time
    if (this.random.bits() >>> 0 < HALT_BELOW) this.#halt(message)
    else this.#trade(message)
    applyMessage(this.book, message)
  }

  /** Moves time on by 22 microseconds on average, mostly by little and sometimes by much, and the middle price now and then. */
  #advance(): void {
    const state = this.state
    const random = this.random
    const draw = random.bits()
    const gap = 1 + random.below(8192 << Math.min(8, Math.clz32(draw)))
    state.time += gap
    if (state.time >= SESSION_CLOSES) state.time = SESSION_OPENS + gap
    state.count++
    if ((draw & 127) !== 0) return
    const mid = state.mid + ((draw & 128) === 0 ? 1 : -1)
    if (mid >= LOWEST_MID && mid <= HIGHEST_MID) state.mid = mid
  }

  #halt(message: OrderMessage): void {
    message.type = MessageType.halt
    message.id = 0
    message.size = 0
    message.price = 0
    message.side = -1
  }

  #trade(message: OrderMessage): void {
    const resting = this.book.restingOrders
    const wanted = this.restingOrders
    const draw = this.random.below(SHARES)
    const submits = SUBMIT_SHARE + Math.trunc(((wanted - resting) * LEAN) / wanted)
    if (draw >= SHARES - HIDDEN_SHARE) this.#hidden(message)
    else if (resting === 0) this.#submit(message)
    else if (draw >= SHARES - HIDDEN_SHARE - EXECUTE_SHARE) this.#execute(message, (this.random.bits() & 1) === 0 ? 1 : -1)
    else if (draw >= SHARES - HIDDEN_SHARE - EXECUTE_SHARE - REDUCE_SHARE) this.#withdraw(message, true)
    else if (draw < submits && resting < wanted * 2) this.#submit(message)
    else this.#withdraw(message, false)
  }

  #submit(message: OrderMessage): void {
    const state = this.state
    const draw = this.random.bits()
    const side = (draw & 1) === 0 ? 1 : -1
    // Half of all orders come within 64 ticks of the middle, a quarter within 128, and so on up to 4,096.
    const distance = this.random.below(64 << Math.min(6, Math.clz32(draw)))
    const price = (side > 0 ? state.mid - distance : state.mid + 1 + distance) * TICK
    const opposite = this.book.bestPrice(-side)
    if (opposite !== 0 && (side > 0 ? price >= opposite : price <= opposite)) {
      this.#execute(message, -side)
      return
    }
    const dice = this.random.bits()
    state.lastId += 1 + (dice & 15)
    message.type = MessageType.submit
    message.id = state.lastId
    message.side = side
    message.price = price
    message.size = this.#size(dice >>> 4)
    if (state.live === state.table.length) this.#sweep()
    state.table[state.live++] = state.lastId
  }

  #withdraw(message: OrderMessage, partly: boolean): void {
    const slot = this.#pick()
    this.#name(message, slot)
    if (partly && message.size > 1) {
      message.type = MessageType.reduce
      message.size = 1 + this.random.below(message.size - 1)
      return
    }
    message.type = MessageType.cancel
    const state = this.state
    state.table[this.#picked] = state.table[--state.live] as number
  }

  #execute(message: OrderMessage, side: number): void {
    const draw = this.random.bits()
    const front = this.book.front(side)
    let slot = front === -1 ? this.book.front(-side) : front
    // Nearly always the order whose turn it is; 1 in 64 times the one behind it, 1 in 64 times any.
    const turn = draw & 63
    if (turn === 0) slot = this.#pick()
    else if (turn === 1 && this.book.behind(slot) !== -1) slot = this.book.behind(slot)
    this.#name(message, slot)
    message.type = MessageType.execute
    if ((draw & 192) === 0 && message.size > 1) message.size = 1 + this.random.below(message.size - 1)
  }

  #hidden(message: OrderMessage): void {
    const draw = this.random.bits()
    const side = (draw & 1) === 0 ? 1 : -1
    message.type = MessageType.hidden
    message.id = 0
    message.side = side
    message.size = this.#size(draw >>> 1)
    message.price = this.book.bestPrice(side) || this.state.mid * TICK
  }

  /** Round lots mostly, and any number below 100 now and then. */
  #size(draw: number): number {
    return (draw & 112) === 0 ? 1 + this.random.below(99) : (SIZES[draw & 15] as number)
  }

  #name(message: OrderMessage, slot: number): void {
    const book = this.book
    message.id = book.idAt(slot)
    message.size = book.restAt(slot)
    message.price = book.priceAt(slot)
    message.side = book.sideAt(slot)
  }

  /** The slot of a random resting order, of which there must be one. Drops the executed ones that it hits: each is hit once. */
  #pick(): number {
    const state = this.state
    for (;;) {
      const at = this.random.below(state.live)
      const slot = this.book.slotOf(state.table[at] as number)
      if (slot !== -1) {
        this.#picked = at
        return slot
      }
      state.table[at] = state.table[--state.live] as number
    }
  }

  /** Drops all ids of executed orders. At most half the table rests, so this happens at most once in as many submits. */
  #sweep(): void {
    const state = this.state
    let kept = 0
    for (let at = 0; at < state.live; at++) {
      const id = state.table[at] as number
      if (this.book.slotOf(id) !== -1) state.table[kept++] = id
    }
    state.live = kept
  }
}
