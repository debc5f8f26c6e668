import type { Step } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import type { SeededRandom } from '@disruptorx/testkit'
import type { JournalReader, JournalStep } from '../../src/index.ts'
import type { Ledger } from './ledger.ts'

/** What may happen to somebody who reads while others write. */
const expected = ['DX_INDEX_TRUNCATED', 'DX_LOG_REWOUND', 'DX_LOG_DROPPED']

/** What is told of a follower. */
export interface FollowerEvents {
  /** An entry was read, and is right. */
  read(log: number, index: number): void
  /** Reading failed: damage, or the disk. */
  failed(error: unknown): void
}

interface Reading {
  readonly log: number
  readonly reader: JournalReader
}

/** Reads logs while they are written, and holds every entry against the books. */
export class Follower implements Step {
  readonly #journal: JournalStep
  readonly #ledger: Ledger
  readonly #random: SeededRandom
  readonly #events: FollowerEvents
  readonly #decoder = new TextDecoder()
  #reading: Reading | undefined

  constructor(journal: JournalStep, ledger: Ledger, random: SeededRandom, events: FollowerEvents) {
    this.#journal = journal
    this.#ledger = ledger
    this.#random = random
    this.#events = events
  }

  step(): number {
    try {
      return this.#read()
    } catch (error) {
      this.#stop()
      if (!expected.some(code => isDisruptorError(error, code))) this.#events.failed(error)
      return 1
    }
  }

  #read(): number {
    const reading = this.#reading ?? this.#start()
    if (reading === undefined) return 5
    const { log, reader } = reading
    for (let i = this.#random.between(1, 8); i > 0; i--) {
      const outcome = reader.poll()
      if (outcome === 'pending') return Number.POSITIVE_INFINITY
      if (outcome === 'end') {
        if (this.#random.chance(0.3)) this.#stop()
        return 2
      }
      this.#check(log, reader)
    }
    if (this.#random.chance(0.1)) this.#stop()
    return 0.5
  }

  #start(): Reading | undefined {
    const ids = this.#journal.logIds
    if (ids.length === 0) return undefined
    const id = this.#random.pick(ids)
    const log = this.#journal.log(id)
    const from = this.#random.between(log.firstIndex, log.lastIndex + 1)
    this.#reading = { log: id, reader: this.#journal.reader(id, from) }
    return this.#reading
  }

  #stop(): void {
    this.#reading?.reader.close()
    this.#reading = undefined
  }

  #check(id: number, { index, term, bytes, offset, length }: JournalReader): void {
    const log = this.#ledger.logs.get(id)
    const entry = log?.entries[index - log.first]
    const text = this.#decoder.decode(bytes.subarray(offset, offset + length))
    if (entry === undefined || entry.text !== text || entry.term !== term)
      throw new Error(`a reader of log ${id} shows entry ${index} as '${text.slice(0, 24)}', not '${entry?.text.slice(0, 24)}'`)
    if (this.#ledger.lsnOfEntry(text) > (this.#journal.durableLsn as number))
      throw new Error(`a reader of log ${id} shows entry ${index}, which is not durable`)
    this.#events.read(id, index)
  }
}
