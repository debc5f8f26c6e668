import type { Clock, Files, MessageSender, Scheduler, Step } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { LinkBrokenError, SimulatedLink } from '../network/simulated-link.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Actor, StepOptions } from './actors.ts'

/** Messages as the ports have them: bytes, at most once, in order from each peer. */
export interface Messages extends MessageSender {
  /** Called with each message; the bytes are the listener's own. A new listener takes the place of the one before. */
  onMessage(listener: (peer: string, message: Uint8Array) => void): void
}

/** Messages with no promise at all: lost, doubled, overtaken. Bytes or plain objects; the receiver gets a copy. */
export interface Datagrams {
  /** False when the network took no more. @throws {MessageError} */
  send(peer: string, payload: unknown): boolean
  /** A new listener takes the place of the one before. */
  onDatagram(listener: (peer: string, payload: unknown) => void): void
}

/**
 * One life of a simulated node's process: the ports through which code under test sees the world, and what runs it. When the process dies, all of it is dead:
 * nothing is called any more, nothing is sent, promises stay pending.
 */
export interface SimulatedProcess {
  /** Name of its node. */
  readonly name: string
  /** Which life of the node this is, counted from 1. */
  readonly life: number
  readonly state: 'running' | 'paused' | 'gone'
  /** The node's clocks. */
  readonly clock: Clock
  /** Chance of this life alone. */
  readonly random: SeededRandom
  /** The node's disk. */
  readonly files: Files
  /** Timers of the node's own clock: late on a slow or paused node, never early. */
  readonly scheduler: Scheduler
  readonly messages: Messages
  readonly datagrams: Datagrams
  /** Loops a step, as a thread would. */
  run(name: string, step: Step, options?: StepOptions): Actor
  /** Carries a file task out. Without `failed`, what it throws counts as an error of the process. */
  task<T>(name: string, task: FileTask<T>, done?: (value: T) => void, failed?: (error: unknown) => void): void
  /** Carries a file task out, for code with promises. */
  perform<T>(task: FileTask<T>): Promise<T>
  /** Runs code with promises. What it throws counts as an error of the process. Every wait in it must come from this process. */
  program(name: string, body: () => Promise<unknown>): void
  /** Resolves after this time of the node's clock. */
  sleep(ms: number): Promise<void>
  /** Takes connections that others make. */
  listen(accept: (link: SimulatedLink) => void): void
  /** Makes a connection. */
  connect(peer: string, opened: (link: SimulatedLink) => void, failed: (error: LinkBrokenError) => void): void
  /** Has every sleeping step and task called soon. */
  wake(): void
  /** The process ends by itself. The machine goes on. */
  exit(): void
}
