import type { SequentialModel } from './model.ts'
import { OpenOperations } from './open-operations.ts'
import type { Operation } from './operation.ts'
import { returnRanks, timelineOf } from './timeline.ts'

/** A point at which the search had a choice: which operation takes effect next, so that one that returns has taken effect before. */
interface Choice<State> {
  /** The return, in the timeline. */
  readonly event: number
  readonly state: State
  /** How many operations had taken effect. */
  readonly taken: number
  /** The key of this point, if another way has failed by now: only then is it worth making. */
  key: string | undefined
  /** The candidate that is being tried; -1 before the first. */
  tried: number
  /** Whether the candidates are tried after which the one that returns can come at once; after those, the others. */
  direct: boolean
}

/** Keys of so many characters together are remembered at most: after that a point may be tried again, which costs steps in place of memory. */
const MOST_REMEMBERED = 2 ** 28
/** What a key takes beside its characters. */
const KEY_COST = 32

/** How a search ended. */
export type SearchResult =
  | { readonly outcome: 'found'; readonly order: readonly number[] }
  /** `event` is the furthest return, in the timeline, that any order reached, and `order` one that got there. */
  | { readonly outcome: 'none'; readonly event: number; readonly order: readonly number[] }
  | { readonly outcome: 'undecided' }

/**
 * Looks for an order of the operations that respects the time of their calls and returns, and in which a sequential object gives every output.
 *
 * Operations take effect as late as possible: at the return of one of them. What failed once from a point (return, state, operations that took effect and
 * have not returned) is not tried again. A read takes effect as soon as its output is right: it keeps no other from anything.
 *
 * Algorithm: Wing and Gong's search, with the memory of Lowe ("Testing for Linearizability", 2016) and his just-in-time linearization.
 */
export class Search<State, Input, Output> {
  readonly timeline: Int32Array
  readonly #model: SequentialModel<State, Input, Output>
  readonly #operations: readonly Operation<Input, Output>[]
  readonly #open: OpenOperations
  readonly #isRead: readonly boolean[]
  /** Which operations have taken effect. */
  readonly #effective: Uint8Array
  /** The same, in their order. */
  readonly #order: number[] = []
  readonly #choices: Choice<State>[] = []
  readonly #failed = new Set<string>()
  #remembered = 0
  #state: State
  #event = 0
  #furthest = -1
  #furthestOrder: readonly number[] = []
  #steps = 0

  constructor(model: SequentialModel<State, Input, Output>, operations: readonly Operation<Input, Output>[]) {
    this.#model = model
    this.#operations = operations
    this.timeline = timelineOf(operations)
    this.#open = new OpenOperations(returnRanks(this.timeline, operations.length))
    this.#isRead = operations.map(({ input, output }) => model.isRead?.(input, output) ?? false)
    this.#effective = new Uint8Array(operations.length)
    this.#state = model.initial
  }

  /** Searches, for at most so many steps of the model. */
  run(maxSteps: number): SearchResult {
    for (;;) {
      let goesOn = true
      while (goesOn && this.#event < this.timeline.length) goesOn = this.#advance()
      if (goesOn) return { outcome: 'found', order: [...this.#order] }
      this.#keepFurthest()
      if (this.#steps > maxSteps) return { outcome: 'undecided' }
      if (!this.#retry()) return { outcome: 'none', event: this.#furthest, order: this.#furthestOrder }
    }
  }

  /**
   * Every state that the object can be in just before an event of the timeline, at most `most` of them, by key.
   *
   * To be called in place of {@link run}.
   */
  statesBefore(event: number, most: number, maxSteps: number): ReadonlyMap<string, State> {
    const states = new Map<string, State>()
    for (;;) {
      while (this.#event < event && this.#advance());
      if (this.#event === event) states.set(this.#model.keyOf(this.#state), this.#state)
      if (states.size >= most || this.#steps > maxSteps || !this.#retry()) return states
    }
  }

  /** Passes one event, or makes a choice so that it can be passed. False when there is no way on from here. */
  #advance(): boolean {
    const event = this.timeline[this.#event] as number
    if (event >= 0) {
      this.#open.call(event)
      this.#event++
      if (this.#isRead[event]) this.#takeRead(event)
      return true
    }
    const operation = ~event
    if (this.#effective[operation] === 1) {
      this.#open.return(operation)
      this.#event++
      return true
    }
    return this.#choose()
  }

  #choose(): boolean {
    const choice = { event: this.#event, state: this.#state, taken: this.#order.length, key: undefined, tried: -1, direct: true }
    if (this.#failed.size > 0 && this.#failed.has(this.#keyOf(choice))) return false
    this.#choices.push(choice)
    return this.#tryNext(choice)
  }

  /** Lets the next candidate of a choice take effect. False when there is none left. */
  #tryNext(choice: Choice<State>): boolean {
    const returning = this.#open.first
    for (;;) {
      const candidate = choice.tried < 0 ? returning : this.#open.after(choice.tried)
      choice.tried = candidate
      if (candidate < 0 && !choice.direct) break
      if (candidate < 0) choice.direct = false
      else if (this.#effective[candidate] === 0 && this.#leadsTo(candidate, returning) === choice.direct && this.#take(candidate))
        return true
    }
    this.#choices.pop()
    if (this.#remembered < MOST_REMEMBERED) this.#remember(this.#keyOf(choice))
    return false
  }

  #remember(key: string): void {
    this.#failed.add(key)
    this.#remembered += key.length + KEY_COST
  }

  /** There is no way on from here: if nothing got further, the order until then is kept, without what was tried in vain at this very return. */
  #keepFurthest(): void {
    if (this.#event <= this.#furthest) return
    this.#furthest = this.#event
    const first = this.#choices.find(({ event }) => event === this.#event)
    this.#furthestOrder = this.#order.slice(0, first?.taken)
  }

  /** Whether an operation can take effect now, and then the one that returns. */
  #leadsTo(candidate: number, returning: number): boolean {
    if (candidate === returning) return true
    this.#steps++
    const after = this.#step(this.#state, candidate)
    return after !== undefined && this.#step(after, returning) !== undefined
  }

  /** Goes back to the newest choice that has a candidate left. False when there is none. */
  #retry(): boolean {
    for (let choice = this.#choices.at(-1); choice !== undefined; choice = this.#choices.at(-1)) {
      this.#goBack(choice)
      if (this.#tryNext(choice)) return true
    }
    return false
  }

  #goBack(choice: Choice<State>): void {
    while (this.#event > choice.event) {
      const event = this.timeline[--this.#event] as number
      if (event >= 0) this.#open.undoCall(event)
      else this.#open.undoReturn(~event)
    }
    while (this.#order.length > choice.taken) this.#effective[this.#order.pop() as number] = 0
    this.#state = choice.state
  }

  #take(operation: number): boolean {
    this.#steps++
    const state = this.#step(this.#state, operation)
    if (state === undefined) return false
    this.#state = state
    this.#effective[operation] = 1
    this.#order.push(operation)
    if (!this.#isRead[operation]) for (let open = this.#open.first; open >= 0; open = this.#open.after(open)) this.#takeRead(open)
    return true
  }

  #step(state: State, operation: number): State | undefined {
    const { input, output } = this.#operations[operation] as Operation<Input, Output>
    return this.#model.step(state, input, output)
  }

  #takeRead(operation: number): void {
    if (this.#isRead[operation] && this.#effective[operation] === 0) this.#take(operation)
  }

  #keyOf(choice: Choice<State>): string {
    if (choice.key === undefined) {
      const effective: number[] = []
      for (let open = this.#open.first; open >= 0; open = this.#open.after(open)) if (this.#effective[open] === 1) effective.push(open)
      // The numbers end where the model's own text begins, whatever that is.
      choice.key = `${choice.event} ${effective.join(' ')}|${this.#model.keyOf(choice.state)}`
    }
    return choice.key
  }
}
