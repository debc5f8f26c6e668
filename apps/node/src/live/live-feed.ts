import { createMessage, type OrderFlow } from '@disruptorx/exchange'
import { Gate } from '../feed/gate.ts'
import { OrderPublisher } from '../feed/order-publisher.ts'
import type { ExchangeSession } from '../session/open-session.ts'
import { encodeCheckpoint, writeCheckpoint } from './checkpoint-file.ts'

/** After a crash the generator makes at most what it made in this time once more, to catch up. */
const CHECKPOINT_EVERY_MS = 5000

/** Feeds a generator's messages into the exchange, and keeps checkpoints of the generator beside the log. */
export class LiveFeed {
  readonly #session: ExchangeSession
  readonly #flow: OrderFlow
  readonly #seed: number
  readonly #dataDir: string
  readonly #gate: Gate
  readonly #signal: AbortSignal
  readonly #broken = new AbortController()
  #checkpointAt = performance.now() + CHECKPOINT_EVERY_MS
  #writing: Promise<void> = Promise.resolve()
  #busy = false

  /** Feeds at `rate` events per second until `stop` is aborted. `flow` is where the log ends. */
  constructor(session: ExchangeSession, flow: OrderFlow, options: { seed: number; dataDir: string; rate: number; stop: AbortSignal }) {
    this.#session = session
    this.#flow = flow
    this.#seed = options.seed
    this.#dataDir = options.dataDir
    this.#signal = AbortSignal.any([options.stop, session.failed, this.#broken.signal])
    this.#gate = new Gate(session.stream, options.rate, this.#signal)
  }

  /** Feeds until asked to stop; then drains and keeps a last checkpoint. Rejects when the node stops by itself or a checkpoint cannot be written. */
  async run(): Promise<void> {
    try {
      await this.#publish()
    } catch (error) {
      this.#session.failed.throwIfAborted()
      this.#broken.signal.throwIfAborted()
      if (!this.#signal.aborted) throw error
    }
    await this.#gate.drain()
    await this.#writing
    await writeCheckpoint(this.#dataDir, encodeCheckpoint(this.#flow, this.#seed))
  }

  async #publish(): Promise<void> {
    const message = createMessage()
    const orders = new OrderPublisher(this.#session.stream)
    const gate = this.#gate
    const flow = this.#flow
    for (;;) {
      // Between two admissions, every message that was made is published: the moment for a checkpoint.
      if (performance.now() >= this.#checkpointAt && !this.#busy) this.#checkpoint()
      let admitted = await gate.admit()
      for (; admitted > 0; admitted--) {
        // Once made, a message goes out whatever is asked for in between: the generator cannot take it back.
        flow.next(message)
        while (!orders.offer(message, 0, 0, 0)) await gate.room()
      }
    }
  }

  /** Takes the generator down as it is now, and writes that when the journal has come as far. */
  #checkpoint(): void {
    const content = encodeCheckpoint(this.#flow, this.#seed)
    const events = this.#flow.count
    this.#busy = true
    this.#writing = this.#session.stream
      .whenDurable(events, { signal: this.#session.failed })
      .then(() => writeCheckpoint(this.#dataDir, content))
      .then(() => {
        this.#busy = false
        this.#checkpointAt = performance.now() + CHECKPOINT_EVERY_MS
      })
      .catch(error => {
        if (!this.#session.failed.aborted) this.#broken.abort(error)
      })
  }
}
