import { type Clock, OptionError } from '@disruptorx/contracts'
import type { Publisher } from '@disruptorx/core'
import type { View } from '@disruptorx/layout'
import type { AnyApp } from '../app/define-app.ts'
import { type IngressSlot, SLOT_PAYLOAD_OFFSET } from '../partition/rings.ts'
import type { WaitOptions } from './limited.ts'
import { Marks } from './marks.ts'
import type { UserPort } from './user-port.ts'

/** One kind of event, ready to be written into a publisher's memory. */
interface Writable {
  readonly type: number
  readonly size: number
  readonly view: View<object>
  readonly check: (value: unknown) => object
}

/** Writes events of one client into the ingress ring, and knows how far they are. */
export class SessionPublisher {
  readonly #port: UserPort
  readonly #clock: Clock
  readonly #client: number
  readonly #publisher: Publisher<IngressSlot>
  readonly #events = new Map<string, Writable>()
  readonly #durable: Marks
  readonly #applied: Marks
  #claimed: number
  #flushed: number
  /** When the burst began. One reading of the clock per burst; it makes the others' latencies a little longer, never shorter. */
  #burstNs = 0

  /** `last` is the client's last number in the log. */
  constructor(app: AnyApp, port: UserPort, clock: Clock, client: number, last: number) {
    this.#port = port
    this.#clock = clock
    this.#client = client
    this.#publisher = port.rings.ingress.publisher()
    this.#claimed = this.#flushed = last
    port.forgetRefusal(client)
    this.#durable = new Marks(last)
    this.#applied = new Marks(last)
    for (const [name, { type, layout }] of Object.entries(app.events))
      this.#events.set(name, { type, size: layout.size, view: layout.view(this.#publisher.memory), check: value => layout.check(value) })
  }

  /** The last number given to an event. */
  get claimed(): number {
    return this.#claimed
  }

  /** The last number that is durable. */
  get durable(): number {
    this.#mark()
    return this.#durable.settle(this.#port.progress.durableSequence.get())
  }

  /** The last number that is applied. */
  get applied(): number {
    this.#mark()
    const applied = this.#applied.settle(this.#port.progress.appliedSequence.get())
    // The handler sends a refusal before it moves its sequence past the event: so it is in the ring by now.
    this.#port.look()
    return Math.min(applied, (this.#port.refusal(this.#client)?.number ?? Infinity) - 1)
  }

  /** Throws why the node ended, or why one of this client's events was not applied. */
  check(): void {
    if (this.#port.ended !== undefined) throw this.#port.ended
    const refusal = this.#port.refusal(this.#client)
    if (refusal !== undefined) throw refusal.error
  }

  // Hot: benchmark `pipeline`. The value is checked before anything is claimed, so a bad one changes nothing.
  /** Takes an event with the next number, or the one given. False when the ring is full. @throws {OptionError | FieldError} */
  tryPublish(type: string, value: object, flags: number, number = this.#claimed + 1): boolean {
    const event = this.#events.get(type)
    if (event === undefined) throw new OptionError('type', type, `one of ${[...this.#events.keys()].join(', ')}`)
    event.check(value)
    const slot = this.#claim()
    if (slot === undefined) return false
    slot.publishedNs = this.#burstNs
    slot.client = this.#client
    slot.number = number
    slot.type = event.type
    slot.flags = flags
    slot.length = event.size
    event.view.moveTo(slot.offset + SLOT_PAYLOAD_OFFSET).set(value)
    if (number > this.#claimed) this.#claimed = number
    return true
  }

  /** Makes everything taken visible. False when the ring has no room for it yet. */
  flush(): boolean {
    this.check()
    const done = this.#publisher.flush()
    this.#mark()
    return done
  }

  /** Resolves when the ring has room again. */
  async ready(options: WaitOptions): Promise<void> {
    const roomy = () => this.flush() && this.#port.rings.ingress.remainingCapacity() > 0
    await this.#port.until('room in the ring', roomy, options)
  }

  /** Resolves when everything taken is visible. */
  async drain(options: WaitOptions): Promise<void> {
    await this.#port.until('room in the ring', () => this.#publisher.flush(), options)
  }

  close(): void {
    this.#publisher.close()
  }

  #claim(): View<IngressSlot> | undefined {
    this.check()
    const slot = this.#publisher.claim()
    if (slot !== undefined && this.#publisher.pending === 1) {
      this.#burstNs = this.#clock.monotonicNs()
      this.#markUpTo(this.#claimed)
    }
    return slot
  }

  #mark(): void {
    this.#markUpTo(this.#claimed - this.#publisher.pending)
  }

  /**
   * Notes that the numbers up to `number` are visible, and so settled when all that the ring holds now is. With other publishers on the ring that
   * is a little late, never early.
   */
  #markUpTo(number: number): void {
    if (number <= this.#flushed) return
    this.#flushed = number
    const { rings, progress } = this.#port
    const sequence = rings.ingress.cursor.get()
    // Settled first, so that marks pile up only behind what really is slow, not behind a user who never looks.
    this.#durable.settle(progress.durableSequence.get())
    this.#applied.settle(progress.appliedSequence.get())
    this.#durable.add(number, sequence)
    this.#applied.add(number, sequence)
  }
}
