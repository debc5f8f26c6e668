import type { Files, Scheduler, Step } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { DiskUser } from '../disk/disk-process.ts'
import type { SimulatedDisk } from '../disk/simulated-disk.ts'
import { describeMessage } from '../network/clone-message.ts'
import { connectLink, type LinkBrokenError, type LinkEnd, type LinkStation, type SimulatedLink } from '../network/simulated-link.ts'
import type { PayloadKind, SimulatedNetwork } from '../network/simulated-network.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { SimulatedEvent } from '../simulation/event-queue.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { type Actor, type ActorHome, StepActor, type StepOptions, TaskActor } from './actors.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import type { Datagrams, Messages, SimulatedProcess } from './simulated-process.ts'

/** The machine that a process lives on. */
export interface Machine {
  readonly sim: Simulation
  readonly name: string
  readonly clock: SimulatedClock
  readonly disk: SimulatedDisk
  readonly network: SimulatedNetwork | undefined
  readonly stepOptions: StepOptions
  /** Code of the process threw. */
  processFailed(life: ProcessLife, error: unknown, actor: string): void
  /** The process wants to end. */
  processExits(life: ProcessLife): void
  /** The disk has reached the request at which the machine shall stand still. */
  machineStops(life: ProcessLife): void
}

/** A process of a simulated node, from its start to its death. */
export class ProcessLife implements SimulatedProcess, ActorHome, LinkStation, DiskUser {
  readonly sim: Simulation
  readonly name: string
  readonly life: number
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly files: Files
  readonly scheduler: Scheduler
  readonly messages: Messages
  readonly datagrams: Datagrams
  readonly links = new Set<LinkEnd>()
  accept: ((link: SimulatedLink) => void) | undefined
  readonly #machine: Machine
  readonly #actors = new Set<Actor>()
  #state: 'running' | 'paused' | 'gone' = 'running'
  #deferred: SimulatedEvent[] = []
  #blockedNs = 0
  #actorsMade = 0
  #onMessage: ((peer: string, message: Uint8Array) => void) | undefined
  #onDatagram: ((peer: string, payload: unknown) => void) | undefined

  constructor(machine: Machine, life: number) {
    this.#machine = machine
    this.sim = machine.sim
    this.name = machine.name
    this.clock = machine.clock
    this.life = life
    this.random = machine.sim.randomFor('node', machine.name, life)
    this.files = machine.disk.attach(this)
    this.scheduler = { schedule: (delayMs, task) => this.#schedule(delayMs, task) }
    this.messages = {
      send: (peer, message) => this.#send('message', peer, message),
      onMessage: listener => {
        this.#onMessage = listener
      },
    }
    this.datagrams = {
      send: (peer, payload) => this.#send('datagram', peer, payload),
      onDatagram: listener => {
        this.#onDatagram = listener
      },
    }
    machine.network?.join(this)
  }

  get state(): 'running' | 'paused' | 'gone' {
    return this.#state
  }

  run(name: string, step: Step, options: StepOptions = {}): Actor {
    return this.#add(new StepActor(this, name, step, this.#randomOf(name), { ...this.#machine.stepOptions, ...options }))
  }

  task<T>(name: string, task: FileTask<T>, done: (value: T) => void = () => undefined, failed?: (error: unknown) => void): void {
    this.#add(new TaskActor(this, name, task, this.#randomOf(name), done, failed))
  }

  perform<T>(task: FileTask<T>): Promise<T> {
    this.sim.usePromises()
    return new Promise((resolve, reject) => this.task('task', task, resolve, reject))
  }

  program(name: string, body: () => Promise<unknown>): void {
    this.sim.usePromises()
    this.sim.schedule(0, () => void body().catch(error => this.failed(error, name)), this)
  }

  sleep(ms: number): Promise<void> {
    this.sim.usePromises()
    return new Promise(resolve => void this.#schedule(ms, resolve))
  }

  listen(accept: (link: SimulatedLink) => void): void {
    this.accept = link => this.#guard('listener of links', () => accept(link))
  }

  connect(peer: string, opened: (link: SimulatedLink) => void, failed: (error: LinkBrokenError) => void): void {
    const guarded = <A>(act: (argument: A) => void) => {
      return (argument: A) => this.#guard('listener of a link', () => act(argument))
    }
    if (this.#state !== 'gone') connectLink(this.#network(), this, peer, guarded(opened), guarded(failed))
  }

  wake(): void {
    for (const actor of this.#actors) if (actor.wakes === 'work') actor.wake()
  }

  exit(): void {
    if (this.#state !== 'gone') this.#machine.processExits(this)
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused'
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    const deferred = this.#deferred
    this.#deferred = []
    // Whoever cancels an event that was put off still has the event as it was.
    for (const event of deferred) this.sim.schedule(0, () => !event.cancelled && event.task(), this)
  }

  /** It dies: nothing of it happens any more. Its machine tells the peers, unless it dies too. */
  end(machineGoesOn: boolean): void {
    if (machineGoesOn) for (const link of [...this.links]) link.reset()
    this.#state = 'gone'
    this.#actors.clear()
    this.#deferred = []
  }

  defer(event: SimulatedEvent): void {
    this.#deferred.push(event)
  }

  trueNs(localNs: number): number {
    return this.clock.trueNs(localNs)
  }

  takeBlockedNs(): number {
    const ns = this.#blockedNs
    this.#blockedNs = 0
    return ns
  }

  worked(actor: Actor): void {
    if (this.#actors.size <= 1) return
    for (const other of this.#actors) if (other !== actor && other.wakes === 'work') other.wake()
  }

  ended(actor: Actor): void {
    this.#actors.delete(actor)
  }

  failed(error: unknown, actor: string): void {
    if (this.#state !== 'gone') this.#machine.processFailed(this, error, actor)
  }

  receive(kind: PayloadKind, peer: string, payload: unknown): void {
    this.sim.trace?.record(this.name, kind, { from: peer, payload: describeMessage(payload) })
    if (kind === 'datagram') this.#guard('listener of datagrams', () => this.#onDatagram?.(peer, payload))
    else this.#guard('listener of messages', () => this.#onMessage?.(peer, payload as Uint8Array))
    this.wake()
  }

  completed(): void {
    this.wake()
  }

  blocked(ns: number): void {
    this.#blockedNs += ns
  }

  stopped(): void {
    this.#machine.machineStops(this)
  }

  #add<A extends Actor>(actor: A): A {
    this.#actors.add(actor)
    return actor
  }

  #randomOf(actor: string): SeededRandom {
    return this.random.derive(actor, this.#actorsMade++)
  }

  #send(kind: PayloadKind, peer: string, payload: unknown): boolean {
    return this.#state !== 'gone' && this.#network().send(kind, this.name, peer, payload)
  }

  #network(): SimulatedNetwork {
    const { network } = this.#machine
    if (network === undefined) throw new Error(`the node ${this.name} was made without a network`)
    return network
  }

  #schedule(delayMs: number, task: () => void): () => void {
    if (!(delayMs >= 0)) throw new RangeError(`delayMs is ${delayMs}; it must be a number of at least 0`)
    const dueNs = this.clock.monotonicNs() + delayMs * 1e6
    let event: SimulatedEvent
    const arm = () => {
      event = this.sim.schedule(Math.ceil(this.trueNs(Math.max(0, dueNs - this.clock.monotonicNs()))), fire, this)
    }
    const fire = () => {
      // The clock may have become slower since the timer was set.
      if (this.clock.monotonicNs() < dueNs) arm()
      else this.#guard('timer', task)
    }
    arm()
    return () => this.sim.cancel(event)
  }

  #guard(what: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.failed(error, what)
    }
  }
}
