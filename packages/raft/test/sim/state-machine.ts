import { type ConfState, decodeConfChange, type Entry, type RawNode, type Snapshot } from '../../src/index.ts'

const decoder = new TextDecoder()

/** What a member applies its entries to: it keeps how many there were and a checksum of all of them. */
export class StateMachine {
  index: number
  term: number
  confState: ConfState
  #count = 0
  #sum = 0

  constructor(snapshot: Snapshot) {
    this.index = snapshot.index
    this.term = snapshot.term
    this.confState = snapshot.confState
    if (snapshot.data.length > 0) [this.#count = 0, this.#sum = 0] = JSON.parse(decoder.decode(snapshot.data)) as number[]
  }

  /** The checksum of everything that was applied. */
  get digest(): string {
    return `${this.#count}:${this.#sum}`
  }

  apply({ index, term, type, data }: Entry, node: RawNode): void {
    if (index !== this.index + 1) throw new Error(`entry ${index} is applied after ${this.index}`)
    this.index = index
    this.term = term
    if (type === 'conf-change') this.confState = node.applyConfChange(decodeConfChange(data))
    this.#count++
    for (const byte of data) this.#sum = (Math.imul(this.#sum, 31) + byte + index) | 0
  }

  snapshot(): Snapshot {
    const data = new TextEncoder().encode(JSON.stringify([this.#count, this.#sum]))
    return { index: this.index, term: this.term, confState: this.confState, data }
  }
}
