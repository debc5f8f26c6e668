import { ClosedError, isDisruptorError, type Sequence } from '@disruptorx/contracts'
import type { ValueLayout, View } from '@disruptorx/layout'
import { RoleTakenError } from '../errors.ts'
import { NONE, outOfLine } from '../memory/out-of-line.ts'
import { currentThread } from '../platform/current-thread.ts'
import { endOf, waitForRoom } from '../sequencer/room-waiter.ts'
import { DROPPED } from '../sequencer/sequencer-descriptor.ts'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import type { SingleProducer } from '../sequencer/single-producer.ts'
import { TurnEnd } from '../sequencer/turn-end.ts'
import type { Publisher, ReadyOptions, ResolvedPublisherOptions } from './publisher.ts'

/**
 * A publisher for the only producing thread: it writes the ring's slots in place.
 *
 * A claim of the producer is a run of slots without a wrap, so all that `claim()` has to know is the byte of the next slot and the byte at which
 * the run ends.
 */
export class InPlacePublisher<T> implements Publisher<T> {
  readonly memory: SharedArrayBuffer
  readonly view: View<T>
  private readonly ring: SequencerMemory
  private readonly producer: SingleProducer<View<T>>
  private readonly options: ResolvedPublisherOptions
  private readonly timed: boolean
  private readonly slotBytes: number
  /** What is written when the ring is full and events are dropped. */
  private readonly bin: View<T>
  private readonly turnEnd: TurnEnd
  /** The most slots of a run, and their bytes. Where each event has to look at the clock, each is claimed by itself. */
  private readonly most: number
  private readonly runBytes: number
  /** Byte offset of the end of the ring. */
  private readonly wrap: number
  /** Byte offset of the slot that is claimed next, and of the end of the run. */
  private next: number
  private end: number
  /** The highest sequence of the run. */
  private highest: Sequence
  private published: Sequence
  /** When the oldest event that is not visible was claimed. Kept only where there is a limit. */
  private sinceNs = 0
  private droppedCount = 0
  private closed = false
  /** Whether somebody publishes through our producer: see {@link lend}. */
  private lent = false

  constructor(ring: SequencerMemory, layout: ValueLayout<T>, options: ResolvedPublisherOptions, producer: SingleProducer<View<T>>) {
    this.ring = ring
    this.producer = producer
    this.options = options
    this.timed = options.maxDelayNs !== Infinity
    this.memory = ring.memory
    this.view = layout.view(ring.memory, ring.at.slotsByte)
    this.bin = layout.view(new ArrayBuffer(ring.shape.slotBytes), 0)
    this.slotBytes = ring.shape.slotBytes
    this.most = this.timed ? 1 : options.burst
    this.runBytes = this.most * this.slotBytes
    this.wrap = ring.at.totalBytes
    this.highest = this.published = ring.cursor.get()
    this.next = this.end = ring.offsetOf(this.highest + 1)
    this.turnEnd = new TurnEnd(() => this.endTurn())
  }

  get pending(): number {
    return this.written - this.published
  }

  get dropped(): number {
    return this.droppedCount
  }

  // Hot: benchmark `ring/spsc.publisher`. One comparison and one addition while the run lasts.
  claim(): View<T> | undefined {
    if (this.next === this.end && !outOfLine(this.claimMore, this, NONE)) return this.options.whenFull === 'drop' ? this.bin : undefined
    const offset = this.next
    this.next = offset + this.slotBytes
    return this.view.moveTo(offset)
  }

  publish(value: T): boolean {
    const view = this.claim()
    if (view === undefined || view === this.bin) return false
    try {
      view.set(value)
    } catch (error) {
      this.next -= this.slotBytes
      throw error
    }
    if (this.next === this.end && (!this.timed || this.pending >= this.options.burst)) this.flush()
    return true
  }

  flush(): boolean {
    return outOfLine(this.flushNow, this, NONE)
  }

  async ready(options: ReadyOptions = {}): Promise<void> {
    this.makeVisible()
    return waitForRoom(this.ring, () => this.left + this.producer.remainingCapacity(), 1, options, endOf(options.timeoutMs))
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.endTurn()
    this.end = this.next
    // What a stopped ring has not taken is given up with this side: were it made visible after a reopening, it would be in another's slots.
    this.published = this.highest
    this.producer.close()
  }

  /**
   * Lets the ring's one writing side be used as a producer, once all that was gathered is visible, until {@link takeBack}; undefined when this was closed.
   *
   * @throws {RoleTakenError} it is lent already
   * @throws {ClosedError | RingHaltedError}
   */
  lend(): SingleProducer<View<T>> | undefined {
    if (this.closed) return undefined
    this.refuseWhileLent()
    this.flushNow()
    this.endTurn()
    this.lent = true
    return this.producer
  }

  /** Goes on behind what was published meanwhile. */
  takeBack(): void {
    this.lent = false
    this.highest = this.published = this.ring.cursor.get()
    this.next = this.end = this.ring.offsetOf(this.highest + 1)
  }

  private refuseWhileLent(): void {
    if (this.lent) throw new RoleTakenError('ring', 'event being written', 'or publish when it is', currentThread())
  }

  private flushNow(): boolean {
    this.ring.checkOpen()
    this.makeVisible()
    return true
  }

  /** Slots of the run that are left. */
  private get left(): number {
    return (this.end - this.next) / this.slotBytes
  }

  /** The highest sequence that was claimed from us. */
  private get written(): Sequence {
    return this.next === this.end ? this.highest : this.highest - this.left
  }

  private makeVisible(): void {
    const written = this.written
    if (written === this.published) return
    this.published = written
    this.producer.publishTo(written)
  }

  /** Begins the next run: a burst, or what is left before the wrap or before the slowest consumer. False when the ring is full. */
  private claimMore(): boolean {
    if (this.closed) throw new ClosedError('the publisher')
    this.refuseWhileLent()
    this.ring.checkOpen()
    if (this.timed) this.flushIfDue()
    else this.makeVisible()
    if (this.claimRun()) return true
    // Nobody makes room for events that nobody sees.
    this.flushNow()
    return this.whenFull()
  }

  // Hot: once per burst. The next run begins where the last one ended, and ends at the wrap if need be.
  private claimRun(): boolean {
    const start = this.next === this.wrap ? this.ring.at.slotsByte : this.next
    const most = start + this.runBytes <= this.wrap ? this.most : ((this.wrap - start) / this.slotBytes) | 0
    const highest = this.producer.tryNextUpTo(most)
    if (highest < 0) return false
    this.next = start
    // As whole numbers all the way: a sum of doubles would make a field of doubles of it, which each event pays for.
    this.end = start + ((highest - this.highest) | 0) * this.slotBytes
    this.highest = highest
    this.turnEnd.arm()
    return true
  }

  private whenFull(): boolean {
    const { whenFull, timeoutMs, strategy } = this.options
    if (whenFull === 'wait') {
      this.producer.waitForRoom(strategy === undefined ? { timeoutMs } : { timeoutMs, strategy })
      return this.claimRun()
    }
    if (whenFull === 'drop') {
      this.droppedCount++
      Atomics.add(this.ring.words, DROPPED, 1)
    }
    return false
  }

  private flushIfDue(): void {
    const nowNs = this.options.clock.monotonicNs()
    const { pending } = this
    if (pending > 0 && (pending >= this.options.burst || nowNs - this.sinceNs >= this.options.maxDelayNs)) this.flush()
    if (this.pending === 0) this.sinceNs = nowNs
  }

  /**
   * Gives back what is left of the claim, so that the next event claims anew and arms the end of its own turn. In a ring that was stopped, what
   * was written stays claimed until that is reopened.
   */
  private endTurn(): boolean {
    // Nothing is gathered, and what is claimed is not ours.
    if (this.lent) return true
    try {
      if (!this.ring.stopped) this.makeVisible()
    } catch (error) {
      // Halted just now: the next call tells the caller.
      if (!isDisruptorError(error, 'DX_RING_HALTED') && !isDisruptorError(error, 'DX_CLOSED')) throw error
    }
    this.highest = this.written
    this.end = this.next
    this.producer.giveBack(this.highest)
    return true
  }
}
