import type { Closeable, DisruptorError } from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import { systemClock, systemRandom } from '@disruptorx/contracts/internal'
import type { App } from '../app/define-app.ts'
import { Client } from '../client/client.ts'
import { checkTimeout, limited, type WaitOptions } from '../client/limited.ts'
import type { UserPort } from '../client/user-port.ts'
import { AppError } from '../errors.ts'
import type { OpenedPartition, RunningPartition } from '../platform/running-partition.ts'
import { systemScheduler } from '../platform/timer.ts'
import type { ResolvedNodeOptions } from './options.ts'
import { type NodeStatus, readStatus } from './status.ts'

/** How a node is closed. */
export interface CloseOptions {
  /** Whether to take a snapshot first, so that the next start has nothing to apply again. @default true */
  readonly snapshot?: boolean
  /** The longest time in milliseconds, from 0, to wait for what was published to be applied; then the rest is left to the next start. @default 30,000 */
  readonly timeoutMs?: number
}

/** A running node, made by `createNode`. */
export class Node implements Closeable {
  /** Directory of the node's data. */
  readonly dataDir: string
  /**
   * Rejects with the error that stopped the node: the disk failed, the application halted, a thread died. Never settles otherwise. It need not be
   * handled: everybody who waits for the node gets the same error.
   */
  readonly failed: Promise<never>
  readonly #options: ResolvedNodeOptions
  readonly #port: UserPort
  readonly #partition: RunningPartition
  readonly #opened: OpenedPartition
  readonly #clients = new Map<number, { close(options: WaitOptions): Promise<void> }>()
  #closing: Promise<void> | undefined

  /** For `createNode`. */
  constructor(options: ResolvedNodeOptions, port: UserPort, partition: RunningPartition, opened: OpenedPartition, failed: Promise<never>) {
    this.dataDir = options.dataDir
    this.failed = failed
    this.#options = options
    this.#port = port
    this.#partition = partition
    this.#opened = opened
  }

  /**
   * Opens a session with an application.
   *
   * With a `clientId` of its own (1 to 2^53 - 1), a publisher goes on after a restart where the log says that it was; without, it gets a new one.
   *
   * @throws {AppError} the node runs another application; {@link OptionError} an open client has the id; {@link ClosedError} the node closes or is closed
   */
  client<
    State,
    Values extends Record<string, object>,
    Replies extends Record<keyof Values, unknown>,
    Args extends Record<string, unknown>,
    Answers extends Record<keyof Args, unknown>,
  >(app: App<State, Values, Replies, Args, Answers>, options: { readonly clientId?: number } = {}): Client<Values, Replies, Args, Answers> {
    if (this.#closing !== undefined) throw new ClosedError('the node')
    if (app.name !== this.#options.app.name) throw new AppError(app.name, `this node runs ${this.#options.app.name}`)
    const clientId = options.clientId ?? (systemRandom.u32() % 2 ** 20) * 2 ** 32 + systemRandom.u32() + 1
    const fresh = options.clientId === undefined
    if (this.#clients.has(clientId)) throw new OptionError('clientId', clientId, 'one that no open client of this node has')
    const onClosed = () => this.#clients.delete(clientId)
    const client = new Client<Values, Replies, Args, Answers>(this.#options.app, this.#port, systemClock, clientId, fresh, onClosed)
    this.#clients.set(clientId, client)
    return client
  }

  /** How the node stands now. */
  status(): NodeStatus {
    const { rings, progress, ended } = this.#port
    return readStatus(this.#options.durability, rings, progress, this.#opened, ended?.message)
  }

  /** Takes a snapshot now. Resolves with the entry that it reaches up to, when it is on stable storage. */
  async snapshot(options: WaitOptions = {}): Promise<{ readonly index: number }> {
    const { progress, rings } = this.#port
    progress.snapshotAsked.set(progress.snapshotAsked.get() + 1)
    const ticket = progress.snapshotAsked.get() + progress.snapshotWanted.get()
    rings.parkingLot.unparkAll()
    await this.#port.until('a snapshot', () => progress.snapshotDone.get() >= ticket, options)
    return { index: progress.snapshotIndex.get() }
  }

  /**
   * Has everything published applied, takes a snapshot, ends the node's threads and releases the directory. Once the node has failed there is nothing to
   * wait for: a handler is ended wherever it is. Safe to call twice: the second call gets what the first one comes to.
   *
   * @throws what failed meanwhile, and {@link TimeoutError}, both after everything is released; {@link TimeoutError} too if a thread does not end, because
   * a disk hangs; {@link OptionError} at once, and nothing is closed
   */
  close(options: CloseOptions = {}): Promise<void> {
    checkTimeout(options.timeoutMs)
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close({ snapshot = true, timeoutMs = 30_000 }: CloseOptions): Promise<void> {
    if (this.#port.ended !== undefined) return await this.#partition.terminate()
    const closed = new ClosedError('the node')
    try {
      await this.#drain(snapshot, timeoutMs)
    } catch (error) {
      this.#port.end(closed)
      // Whoever closes gets what kept the node from closing well.
      await this.#partition.terminate().catch(() => undefined)
      throw error
    }
    this.#port.end(closed)
    await this.#partition.stop()
  }

  async #drain(snapshot: boolean, timeoutMs: number): Promise<void> {
    const endNs = systemClock.monotonicNs() + timeoutMs * 1e6
    const left = () => ({ timeoutMs: Math.max(0, (endNs - systemClock.monotonicNs()) / 1e6) })
    const clients = Promise.all([...this.#clients.values()].map(client => client.close(left())))
    // One that closes already has a limit of its own.
    await limited('closing the clients', clients, left(), systemScheduler)
    const { rings, progress } = this.#port
    const last = rings.ingress.cursor.get()
    const settled = () => progress.appliedSequence.get() >= last && this.#port.quiet
    await this.#port.until('everything published to be applied', settled, left())
    if (snapshot && progress.appliedIndex.get() > progress.snapshotIndex.get()) await this.snapshot(left())
  }
}

/** A promise that rejects once and need not be handled, and what rejects it. */
export function failure(): { readonly failed: Promise<never>; readonly reject: (error: DisruptorError) => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  return { failed: promise, reject }
}
