import type { Sequence } from '@disruptorx/contracts'
import type { ValueLayout, View } from '@disruptorx/layout'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import type { EventReader } from './event-ring.ts'
import type { EventView } from './event-view.ts'

/** Reads the slots of a struct ring through one flyweight. */
export class StructReader<T> implements EventReader<EventView<T>> {
  private readonly view: View<T>
  private readonly slotsByte: number
  private readonly mask: number
  private readonly slotBytes: number

  constructor(ring: SequencerMemory, layout: ValueLayout<T>) {
    this.slotsByte = ring.at.slotsByte
    this.mask = ring.mask
    this.slotBytes = ring.shape.slotBytes
    this.view = layout.view(ring.memory, this.slotsByte)
  }

  at(sequence: Sequence): View<T> {
    return this.view.moveTo(this.slotsByte + (sequence & this.mask) * this.slotBytes)
  }
}

/** The same for development, over a layout that checks for late access. */
export class ExpiringReader<T> implements EventReader<EventView<T>> {
  readonly #reader: StructReader<T>
  /** What was read last and is not over; Infinity when there is nothing. */
  #last: Sequence = Infinity

  constructor(ring: SequencerMemory, layout: ValueLayout<T>) {
    this.#reader = new StructReader(ring, layout)
  }

  at(sequence: Sequence): EventView<T> {
    this.#last = sequence
    return this.#reader.at(sequence)
  }

  expire(upTo: Sequence): void {
    if (this.#last > upTo) return
    // The view ends the time of an event by moving, be it to where it is.
    this.#reader.at(this.#last)
    this.#last = Infinity
  }
}
