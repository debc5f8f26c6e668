import type { Recovery } from '../../src/index.ts'
import { Blindness } from './blindness.ts'
import { segmentPath } from './damage-book.ts'
import type { JournalWorld } from './journal-world.ts'

const HEADER_BYTES = 128

/** Holds a journal to what it says of its end: a torn tail is cut and reported, and nothing is reported where nothing was torn. */
export class TailCheck {
  readonly #world: JournalWorld
  /** Where the headers of writes that nobody was told to be durable are whole, by their first LSN. */
  readonly #headers = new Map<number, { readonly segment: number; readonly offset: number }>()
  readonly #wasClosed: boolean
  readonly #blindness: Blindness

  /** Looks at the disk as it is before the journal is opened. */
  constructor(world: JournalWorld) {
    this.#world = world
    this.#wasClosed = world.isClosed
    world.isClosed = false
    this.#blindness = new Blindness(world.sim)
    // An opening that did not come to its end has changed the tail already.
    if (world.layout.isOpening) return
    for (const { segment, offset, content, firstLsn } of world.layout.tail) {
      const file = world.node.disk.content(segmentPath(segment))
      const header = file?.subarray(offset, offset + HEADER_BYTES)
      if (header !== undefined && Buffer.compare(header, content.subarray(0, HEADER_BYTES)) === 0)
        this.#headers.set(firstLsn, { segment, offset })
    }
  }

  /** @throws when the journal cut something and did not say so, or says what is not true */
  check({ cut, durableLsn }: Recovery): void {
    if (cut !== undefined) this.#world.sim.facts.count('torn tails cut')
    if (this.#blindness.hasStruck) return
    const torn = this.#headers.get(durableLsn + 1)
    if (torn !== undefined && (cut?.segment !== torn.segment || cut.offset !== torn.offset))
      throw new Error(`it cut LSN ${durableLsn + 1} in segment ${torn.segment} at ${torn.offset}, and reports ${JSON.stringify(cut)}`)
    if (this.#wasClosed && cut !== undefined) throw new Error(`it was closed in good order, and reports ${JSON.stringify(cut)}`)
  }
}
