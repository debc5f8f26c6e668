import type { WaitOptions } from './limited.ts'
import type { SessionPublisher } from './session-publisher.ts'
import type { UserPort } from './user-port.ts'

/**
 * The fast way to publish: no promise and no reply per event, progress as three numbers.
 *
 * ```
 * while (more) {
 *   if (!stream.tryPublish('order', order)) await stream.ready()
 * }
 * stream.flush()
 * await stream.whenDurable(stream.published)
 * ```
 * Events become visible in bursts: when a burst is full, at the end of the turn of the event loop, and on `flush()`.
 */
export class EventStream<Values extends Record<string, object>> {
  readonly #publisher: SessionPublisher
  readonly #port: UserPort

  /** For {@link Client.stream}. */
  constructor(publisher: SessionPublisher, port: UserPort) {
    this.#publisher = publisher
    this.#port = port
  }

  /** The number of the last event taken; each client counts 1, 2, 3, ... over all its runs. */
  get published(): number {
    return this.#publisher.claimed
  }

  /** The number of the last event on stable storage. Never ahead of the truth. */
  get durable(): number {
    return this.#publisher.durable
  }

  /** The number of the last event applied. Never ahead of the truth. */
  get applied(): number {
    return this.#publisher.applied
  }

  /**
   * Takes an event: a copy of `value`, which may be used again at once. False when the ring is full and nothing was taken: wait for {@link ready}.
   *
   * @throws {OptionError | FieldError} no such event, or a value outside its field: nothing was taken
   * @throws why the node ended
   */
  tryPublish<Name extends keyof Values & string>(type: Name, value: Values[Name]): boolean {
    return this.#publisher.tryPublish(type, value, 0)
  }

  /** Makes everything taken visible. False when the ring has no room for it yet; {@link ready} waits for that. */
  flush(): boolean {
    return this.#publisher.flush()
  }

  /** Resolves when everything taken is visible and there is room for more. @throws DX_ABORTED, DX_TIMEOUT, or why the node ended */
  ready(options: WaitOptions = {}): Promise<void> {
    return this.#publisher.ready(options)
  }

  /** Resolves when event `number` is on stable storage. @throws DX_ABORTED, DX_TIMEOUT, DX_SESSION_EXPIRED, or why the node ended */
  async whenDurable(number: number, options: WaitOptions = {}): Promise<void> {
    await this.#port.until(`event ${number} to be durable`, () => this.#publisher.flush() && this.durable >= number, options)
  }

  /** Resolves when event `number` is applied. @throws DX_ABORTED, DX_TIMEOUT, DX_SESSION_EXPIRED, or why the node ended */
  async whenApplied(number: number, options: WaitOptions = {}): Promise<void> {
    await this.#port.until(`event ${number} to be applied`, () => this.#publisher.flush() && this.applied >= number, options)
  }
}
