import type { BatchHandler, EventBatch, LogStore, Lsn, ProcessorControl, Sequence, Term } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'

/** How events become entries. */
export interface JournalingOptions<E> {
  /** The bytes of an event's entry. They are copied before this is called again. */
  readonly encode: (event: E, sequence: Sequence) => Uint8Array
  /** The term of its entry. @default that of the log's last entry, 1 when it has none */
  readonly term?: () => Term
}

/** A log whose journal can be driven on this thread. */
interface Drivable extends LogStore {
  /** Drives the journal until everything up to `lsn` is durable. False when the disk answers later. */
  commit?(lsn: Lsn): boolean
}

const FULL = ['DX_JOURNAL_FULL', 'DX_LOG_FULL']

/**
 * A handler for a Disruptor that appends every event to a log. Its sequence moves when entries are durable, so that handlers behind it in the graph see only
 * what would survive. What arrives while a batch is synced goes into the next one.
 *
 * With a log of a journal on the processor's own thread, over files that block, it waits there for the disk. With any other log it returns a promise, for which
 * the processor needs an event loop.
 *
 * Algorithm: LMAX's journalling consumer.
 *
 * @example
 * disruptor.handleEventsWith(journaling(log, { encode: order => codec.encode(order) })).then(book)
 */
export function journaling<E>(log: LogStore, options: JournalingOptions<E>): BatchHandler<E> {
  return new Journaling(log, options)
}

class Journaling<E> implements BatchHandler<E> {
  readonly #log: Drivable
  readonly #options: JournalingOptions<E>
  #control: ProcessorControl | undefined
  #lsn: Lsn = 0

  constructor(log: Drivable, options: JournalingOptions<E>) {
    this.#log = log
    this.#options = options
  }

  onStart(control: ProcessorControl): void {
    this.#control = control
  }

  // Hot: once per batch. A handler of single events would not do: when it fails at the last one, those before it count as dealt with.
  onBatch(batch: EventBatch<E>): Promise<void> | undefined {
    const { first, length } = batch
    for (let i = 0; i < length; i++) {
      const data = this.#options.encode(batch.at(i), first + i)
      if (!this.#tryAppend(data) && !this.#makeRoom(data, first + i - 1)) return this.#goOn(batch, i)
    }
    return this.#log.commit?.(this.#lsn) === true ? undefined : this.#log.durable(this.#lsn)
  }

  /** False when the log has no room for the moment. */
  #tryAppend(data: Uint8Array): boolean {
    try {
      this.#lsn = this.#log.append(data, this.#options.term?.()).lsn
      return true
    } catch (error) {
      if (!FULL.some(code => isDisruptorError(error, code))) throw error
      return false
    }
  }

  /** Lets the log write what it has, releases that, and appends then. False when that cannot be done here and now. */
  #makeRoom(data: Uint8Array, before: Sequence): boolean {
    if (this.#log.commit?.(this.#lsn) !== true) return false
    this.#release(before)
    return this.#tryAppend(data)
  }

  /** Goes on with the batch from its event `i` on, which found no room. */
  async #goOn(batch: EventBatch<E>, i: number): Promise<void> {
    for (let next = i; next < batch.length; ) {
      if (this.#tryAppend(this.#options.encode(batch.at(next), batch.first + next))) next++
      else await this.#log.room()
    }
    await this.#log.durable(this.#lsn)
  }

  #release(sequence: Sequence): void {
    try {
      this.#control?.release(sequence)
    } catch (error) {
      // The event before this one was of an earlier batch, and is released already.
      if (!isDisruptorError(error, 'DX_SEQUENCE_RANGE')) throw error
    }
  }
}
