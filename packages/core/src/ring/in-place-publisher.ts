import { ClosedError, type Sequence } from '@disruptorx/contracts'
import type { ValueLayout, View } from '@disruptorx/layout'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import type { SingleProducer } from '../sequencer/single-producer.ts'
import type { Publisher, ReadyOptions, ResolvedPublisherOptions } from './publisher.ts'
import { waitForRoom } from './ready.ts'
import { TurnEnd } from './turn-end.ts'

/** A publisher for the only producing thread: it writes the ring's slots in place. */
export class InPlacePublisher<T> implements Publisher<T> {
  readonly memory: SharedArrayBuffer
  readonly view: View<T>
  readonly #ring: SequencerMemory
  readonly #producer: SingleProducer
  readonly #options: ResolvedPublisherOptions
  readonly #burst: number
  readonly #timed: boolean
  readonly #slotBytes: number
  readonly #slotsByte: number
  readonly #endByte: number
  readonly #turnEnd: TurnEnd
  /** Byte offset of the slot that is claimed next. */
  #offset: number
  /** How many slots of the producer's claim are left: the hot path counts nothing else. */
  #left = 0
  /** The highest sequence of the producer's claim. */
  #highest: Sequence
  #published: Sequence
  /** When the oldest event that is not visible was claimed. Kept only where there is a limit. */
  #sinceNs = 0
  #closed = false

  constructor(ring: SequencerMemory, layout: ValueLayout<T>, options: ResolvedPublisherOptions, producer: SingleProducer) {
    this.#ring = ring
    this.#producer = producer
    this.#options = options
    this.#burst = options.burst
    this.#timed = options.maxDelayNs !== Infinity
    this.memory = ring.memory
    this.view = layout.view(ring.memory, ring.at.slotsByte)
    this.#slotBytes = ring.shape.slotBytes
    this.#slotsByte = ring.at.slotsByte
    this.#endByte = ring.at.totalBytes
    this.#highest = this.#published = ring.cursor.get()
    this.#offset = ring.offsetOf(this.#highest + 1)
    this.#turnEnd = new TurnEnd(() => this.#endTurn())
  }

  get pending(): number {
    return this.#highest - this.#left - this.#published
  }

  // Hot: benchmark `ring/spsc.publisher`. One branch and one addition while the burst lasts.
  claim(): View<T> | undefined {
    if (this.#left === 0 && !this.#claimMore()) return undefined
    this.#left--
    const offset = this.#offset
    const next = offset + this.#slotBytes
    this.#offset = next === this.#endByte ? this.#slotsByte : next
    return this.view.moveTo(offset)
  }

  publish(value: T): boolean {
    const before = this.#offset
    const view = this.claim()
    if (view === undefined) return false
    try {
      view.set(value)
    } catch (error) {
      this.#left++
      this.#offset = before
      throw error
    }
    if (this.#left === 0 && (!this.#timed || this.pending === this.#burst)) this.flush()
    return true
  }

  flush(): boolean {
    this.#ring.checkOpen()
    this.#makeVisible()
    return true
  }

  ready(options: ReadyOptions = {}): Promise<void> {
    this.#makeVisible()
    return waitForRoom(this.#ring, () => this.#left + this.#ring.remainingCapacity(this.#highest), 1, options)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#endTurn()
    this.#left = 0
    this.#producer.close()
  }

  #makeVisible(): void {
    const written = this.#highest - this.#left
    if (written === this.#published) return
    this.#published = written
    this.#producer.publishTo(written)
  }

  #claimMore(): boolean {
    if (this.#timed) return this.#claimOne()
    this.flush()
    return this.#extend(this.#producer.tryNextUpTo(this.#burst))
  }

  /** Where each event has to look at the clock, each is claimed by itself. */
  #claimOne(): boolean {
    this.#flushIfLate()
    if (this.pending === this.#burst) this.flush()
    if (this.#extend(this.#producer.tryNextUpTo(1))) return true
    this.flush()
    return false
  }

  #extend(highest: Sequence): boolean {
    if (highest < 0) return this.#refuseIfClosed()
    this.#left = highest - this.#highest
    this.#highest = highest
    this.#turnEnd.arm()
    return true
  }

  #refuseIfClosed(): false {
    if (this.#closed) throw new ClosedError('the publisher')
    return false
  }

  #flushIfLate(): void {
    const nowNs = this.#options.clock.monotonicNs()
    if (this.pending > 0 && nowNs - this.#sinceNs >= this.#options.maxDelayNs) this.flush()
    if (this.pending === 0) this.#sinceNs = nowNs
  }

  /** Gives back what is left of the claim, so that the next event claims anew and arms the end of its own turn. */
  #endTurn(): boolean {
    if (this.#ring.stopped) return true
    this.#makeVisible()
    this.#producer.giveBack()
    this.#highest = this.#published
    this.#left = 0
    return true
  }
}
