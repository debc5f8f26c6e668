/** An order of the naive book. */
export interface NaiveOrder {
  readonly id: number
  readonly side: number
  readonly price: number
  rest: number
}

/** A book as one would write it on one page: the truth that the real one is compared with. Orders of a side are one list in the order of arrival. */
export class NaiveBook {
  readonly orders = new Map<number, NaiveOrder>()
  events = 0
  rejected = 0
  submits = 0
  reductions = 0
  cancels = 0
  executions = 0
  executionsAtBest = 0
  executionsAtFront = 0
  hidden = 0
  readonly maxOrders: number

  constructor(maxOrders = Number.POSITIVE_INFINITY) {
    this.maxOrders = maxOrders
  }

  submit(id: number, side: number, price: number, size: number): string {
    this.events++
    if (this.orders.has(id)) return this.#refuse('duplicate-order')
    if (this.orders.size >= this.maxOrders) return this.#refuse('book-full')
    this.orders.set(id, { id, side, price, rest: size })
    this.submits++
    return 'accepted'
  }

  reduce(id: number, size: number): string {
    this.events++
    const order = this.orders.get(id)
    if (order === undefined) return this.#refuse('unknown-order')
    this.reductions++
    this.#take(order, size)
    return 'accepted'
  }

  cancel(id: number): string {
    this.events++
    if (!this.orders.delete(id)) return this.#refuse('unknown-order')
    this.cancels++
    return 'accepted'
  }

  execute(id: number, size: number): string {
    this.events++
    const order = this.orders.get(id)
    if (order === undefined) return this.#refuse('unknown-order')
    this.executions++
    const best = this.bestPrice(order.side)
    if (order.price === best) {
      this.executionsAtBest++
      for (const other of this.orders.values()) {
        if (other.side !== order.side || other.price !== best) continue
        if (other === order) this.executionsAtFront++
        break
      }
    }
    this.#take(order, size)
    return 'accepted'
  }

  executeHidden(): string {
    this.events++
    this.hidden++
    return 'accepted'
  }

  halt(): string {
    this.events++
    return 'accepted'
  }

  bestPrice(side: number): number {
    let best = 0
    for (const order of this.orders.values())
      if (order.side === side && (best === 0 || (side === 1 ? order.price > best : order.price < best))) best = order.price
    return best
  }

  /** Every order as `side price position id rest`, in canonical order. */
  lines(): string[] {
    const lines: string[] = []
    for (const side of [1, -1]) {
      const orders = [...this.orders.values()].filter(order => order.side === side)
      const prices = [...new Set(orders.map(order => order.price))].sort((a, b) => (b - a) * side)
      for (const price of prices)
        for (const [position, order] of orders.filter(candidate => candidate.price === price).entries())
          lines.push(`${side} ${price} ${position} ${order.id} ${order.rest}`)
    }
    return lines
  }

  /** Everything of a summary but the digest. */
  summary(): Record<string, number> {
    const levels = (side: number) => new Set([...this.orders.values()].filter(order => order.side === side).map(order => order.price)).size
    return {
      events: this.events,
      rejected: this.rejected,
      submits: this.submits,
      reductions: this.reductions,
      cancels: this.cancels,
      executions: this.executions,
      executionsAtBest: this.executionsAtBest,
      executionsAtFront: this.executionsAtFront,
      hidden: this.hidden,
      restingOrders: this.orders.size,
      bidLevels: levels(1),
      askLevels: levels(-1),
      bestBid: this.bestPrice(1),
      bestAsk: this.bestPrice(-1),
    }
  }

  #take(order: NaiveOrder, size: number): void {
    if (size < order.rest) order.rest -= size
    else this.orders.delete(order.id)
  }

  #refuse(outcome: string): string {
    this.rejected++
    return outcome
  }
}
