import { ClosedError, isDisruptorError } from '@disruptorx/contracts'
import type { ValueLayout, View } from '@disruptorx/layout'
import { NONE, outOfLine } from '../memory/out-of-line.ts'
import type { MultiProducer } from '../sequencer/multi-producer.ts'
import { endOf, waitForRoom } from '../sequencer/room-waiter.ts'
import { DROPPED } from '../sequencer/sequencer-descriptor.ts'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import { TurnEnd } from '../sequencer/turn-end.ts'
import type { Publisher, ReadyOptions, ResolvedPublisherOptions } from './publisher.ts'
import type { SharedProducer } from './shared-producer.ts'

/** From so many words on, a bulk copy beats a loop. */
const BULK_WORDS = 64

/**
 * A publisher for one of several producing threads: it gathers in memory of its own and claims slots only when it flushes, so that a thread
 * that is slow to write, or dies while it does, holds nobody up.
 */
export class GatheringPublisher<T> implements Publisher<T> {
  readonly memory: ArrayBuffer
  readonly view: View<T>
  private readonly ring: SequencerMemory
  private readonly shared: SharedProducer
  private readonly producer: MultiProducer<undefined>
  private readonly options: ResolvedPublisherOptions
  private readonly timed: boolean
  private readonly slotBytes: number
  private readonly words: Int32Array
  /** What is written when the ring is full and events are dropped. */
  private readonly bin: View<T>
  private readonly turnEnd: TurnEnd
  private count = 0
  /** Whether the next event has to arm the end of its turn: the first of a burst, and the first of a turn. */
  private atBeginning = true
  /** When the oldest gathered event was claimed. Kept only where there is a limit. */
  private sinceNs = 0
  private droppedCount = 0
  private closed = false

  constructor(ring: SequencerMemory, layout: ValueLayout<T>, options: ResolvedPublisherOptions, shared: SharedProducer) {
    this.ring = ring
    this.shared = shared
    this.producer = shared.take()
    this.options = options
    this.timed = options.maxDelayNs !== Infinity
    this.slotBytes = ring.shape.slotBytes
    this.memory = new ArrayBuffer(options.burst * this.slotBytes)
    this.words = new Int32Array(this.memory)
    this.view = layout.view(this.memory, 0)
    this.bin = layout.view(new ArrayBuffer(this.slotBytes), 0)
    this.turnEnd = new TurnEnd(() => this.endTurn())
  }

  get dropped(): number {
    return this.droppedCount
  }

  get pending(): number {
    return this.count
  }

  // Hot: benchmark `ring/multi.publisher`.
  claim(): View<T> | undefined {
    if (this.timed) this.flushIfLate()
    if (this.count === this.options.burst && !outOfLine(this.makeRoom, this, NONE))
      return this.options.whenFull === 'drop' ? this.bin : undefined
    if (this.atBeginning) this.begin()
    return this.view.moveTo(this.count++ * this.slotBytes)
  }

  publish(value: T): boolean {
    const view = this.claim()
    if (view === undefined || view === this.bin) return false
    try {
      view.set(value)
    } catch (error) {
      this.count--
      throw error
    }
    if (this.count === this.options.burst) this.flush()
    return true
  }

  flush(): boolean {
    return outOfLine(this.flushNow, this, NONE)
  }

  async ready(options: ReadyOptions = {}): Promise<void> {
    const endNs = endOf(options.timeoutMs)
    const room = () => this.ring.remainingCapacity(this.ring.cursor.get())
    while (this.count > 0 && !this.flush()) await waitForRoom(this.ring, room, this.count, options, endNs)
    await waitForRoom(this.ring, room, 1, options, endNs)
  }

  close(): void {
    if (this.closed) return
    this.endTurn()
    this.closed = true
    this.count = 0
    this.shared.giveBack()
  }

  private flushNow(): boolean {
    const ring = this.ring
    ring.checkOpen()
    const count = this.count
    if (count === 0) return true
    const highest = this.producer.tryNext(count)
    if (highest < 0) return false
    const lowest = highest - count + 1
    const beforeEnd = Math.min(count, ring.shape.capacity - (lowest & ring.mask))
    this.copy(0, ring.offsetOf(lowest), beforeEnd)
    if (beforeEnd < count) this.copy(beforeEnd, ring.at.slotsByte, count - beforeEnd)
    this.count = 0
    this.atBeginning = true
    this.producer.publish(lowest, highest)
    return true
  }

  /** Flushes a full burst, in whatever way it was asked for. */
  private makeRoom(): boolean {
    if (this.flushNow()) return true
    const { whenFull, timeoutMs, strategy } = this.options
    if (whenFull === 'wait') {
      const endNs = endOf(timeoutMs)
      do this.producer.waitForRoom(this.count, strategy === undefined ? { timeoutMs } : { timeoutMs, strategy }, endNs)
      while (!this.flushNow())
      return true
    }
    if (whenFull === 'drop') {
      this.droppedCount++
      Atomics.add(this.ring.words, DROPPED, 1)
    }
    return false
  }

  private begin(): void {
    if (this.closed) throw new ClosedError('the publisher')
    this.ring.checkOpen()
    this.turnEnd.arm()
    this.atBeginning = false
  }

  /** Copies slots from our memory to the ring's. A full burst in bulk; a part of one would need an object for the part. */
  private copy(first: number, toByte: number, count: number): void {
    const slotWords = this.slotBytes >> 2
    const from = first * slotWords
    const to = toByte >> 2
    const length = count * slotWords
    if (length >= BULK_WORDS && length === this.words.length) this.ring.words.set(this.words, to)
    else for (let word = 0; word < length; word++) this.ring.words[to + word] = this.words[from + word] as number
  }

  private flushIfLate(): void {
    const nowNs = this.options.clock.monotonicNs()
    if (this.count === 0) this.sinceNs = nowNs
    else if (nowNs - this.sinceNs >= this.options.maxDelayNs && this.flush()) this.sinceNs = nowNs
  }

  private endTurn(): boolean {
    try {
      if (!this.closed && !this.flush()) return false
    } catch (error) {
      // Closed or halted: the next call tells the caller.
      if (!isDisruptorError(error, 'DX_RING_HALTED') && !isDisruptorError(error, 'DX_CLOSED')) throw error
    }
    this.atBeginning = true
    return true
  }
}
