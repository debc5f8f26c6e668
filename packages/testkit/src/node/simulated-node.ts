import { nonEmptyText } from '@disruptorx/contracts/internal'
import { SimulatedDisk, type SimulatedDiskOptions } from '../disk/simulated-disk.ts'
import type { SimulatedNetwork } from '../network/simulated-network.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { checkRange, drawFrom, type Range } from '../simulation/range.ts'
import type { Simulation } from '../simulation/simulation.ts'
import type { StepOptions } from './actors.ts'
import { type Machine, ProcessLife } from './process-life.ts'
import { SimulatedClock, type SimulatedClockOptions } from './simulated-clock.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** What a simulated node is made of. */
export interface SimulatedNodeOptions {
  /** Names it in traces and in the network, and its sources of chance. */
  readonly name: string
  /** Builds the process, at every start anew: opens what is on the disk, and runs what shall run. */
  readonly start: (process: SimulatedProcess) => void
  readonly network?: SimulatedNetwork
  readonly disk?: Omit<SimulatedDiskOptions, 'name'>
  readonly clock?: SimulatedClockOptions
  /** How steps are called that do not say otherwise. */
  readonly steps?: StepOptions
  /**
   * What an error means that code of the process did not catch. `fail`: the run failed. `exit`: a process may end so; the machine goes on.
   *
   * @default always 'fail'
   */
  readonly onError?: (error: unknown, process: SimulatedProcess) => 'fail' | 'exit'
  /** After this time, in milliseconds, a process that exited or a machine that crashed is started again. @default never: by {@link SimulatedNode.start} only */
  readonly restartAfterMs?: Range
}

/**
 * A machine of a simulated world, with its own clocks, disk and process. It crashes, pauses, loses its disk, and starts again.
 *
 * @example
 * const node = new SimulatedNode(sim, { name: 'n1', network, start: process => void process.run('replica', new Replica(process)) })
 * node.start()
 * node.crash() // whatever was not synced is at the mercy of the disk's faults
 * node.start()
 */
export class SimulatedNode {
  readonly name: string
  readonly clock: SimulatedClock
  readonly disk: SimulatedDisk
  readonly #sim: Simulation
  readonly #options: SimulatedNodeOptions
  readonly #random: SeededRandom
  readonly #machine: Machine
  #life: ProcessLife | undefined
  #lives = 0
  #crashes = 0
  #powered = false

  /** The node is down until {@link start}. @throws {OptionError} */
  constructor(sim: Simulation, options: SimulatedNodeOptions) {
    this.name = nonEmptyText('name', options.name)
    if (options.restartAfterMs !== undefined) checkRange('restartAfterMs', options.restartAfterMs)
    this.#sim = sim
    this.#options = options
    this.#random = sim.randomFor('machine', options.name)
    this.clock = new SimulatedClock(sim, options.clock)
    this.disk = new SimulatedDisk(sim, { ...options.disk, name: options.name })
    this.#machine = {
      sim,
      name: this.name,
      clock: this.clock,
      disk: this.disk,
      network: options.network,
      stepOptions: options.steps ?? {},
      processFailed: (life, error, actor) => this.#processFailed(life, error, actor),
      processExits: life => this.#processExits(life, 'exit'),
      machineStops: life => this.#machineStops(life),
    }
  }

  /** The living process. */
  get process(): SimulatedProcess | undefined {
    return this.#life
  }

  get state(): 'running' | 'paused' | 'down' {
    const state = this.#life?.state ?? 'gone'
    return state === 'gone' ? 'down' : state
  }

  /** Whether the machine is on, though its process may be dead: it still may lose what was not synced. */
  get isPowered(): boolean {
    return this.#powered
  }

  /** How often the node was started. */
  get lives(): number {
    return this.#lives
  }

  /** How often the machine has lost its power: what was not synced may be lost each time. */
  get crashes(): number {
    return this.#crashes
  }

  /** Starts the process, if there is none. */
  start(): void {
    if (this.state !== 'down') return
    this.#lives++
    this.#powered = true
    this.#note(this.#lives === 1 ? 'start' : 'restarts', { life: this.#lives })
    const life = new ProcessLife(this.#machine, this.#lives)
    this.#life = life
    try {
      this.#options.start(life)
    } catch (error) {
      life.failed(error, 'start')
    }
  }

  /**
   * The machine loses its power: the process, if there still is one, is gone, and of what was not synced is left what the disk's faults leave. Its clock boots
   * anew. Without effect on a machine that is off.
   */
  crash(): void {
    if (!this.#powered) return
    this.#powered = false
    this.#crashes++
    this.#note('crashes')
    this.#endLife(false)
    this.disk.crash()
    this.clock.reboot()
    this.#restartLater()
  }

  /** The process dies at once; the machine goes on, so that all it wrote is there. */
  kill(): void {
    const life = this.#life
    if (life !== undefined) this.#processExits(life, 'kill')
  }

  /** Nothing of the process happens until {@link resume}, as when it collects garbage or its machine is overloaded. What came meanwhile happens then. */
  pause(): void {
    if (this.state !== 'running') return
    this.#note('pauses')
    this.#life?.pause()
  }

  resume(): void {
    if (this.state !== 'paused') return
    this.#sim.trace?.record(this.name, 'resume')
    this.#life?.resume()
  }

  /** Crashes, if it is on, and loses all that is on its disk. False when the disk's atlas forbids it: then nothing happens. */
  wipe(): boolean {
    if (!this.disk.mayBeLost()) return false
    this.crash()
    this.#note('wipes')
    this.disk.wipe()
    return true
  }

  /** The wall clock jumps, in either direction. @throws {OptionError} */
  jumpClock(ms: number): void {
    this.#note('clockJumps', { ms })
    this.clock.jump(ms)
  }

  /** The clocks run at another rate from now on. @throws {OptionError} */
  setDrift(driftPpm: number): void {
    this.#note('clockDrifts', { driftPpm })
    this.clock.setDrift(driftPpm)
  }

  /** All that can be repaired from outside: the disk fails no more, the clocks run right, the process goes on or is started. What is damaged stays so. */
  heal(): void {
    this.disk.repair()
    if (this.clock.driftPpm !== 0) this.clock.setDrift(0)
    this.resume()
    this.start()
  }

  #processFailed(life: ProcessLife, error: unknown, actor: string): void {
    const { onError } = this.#options
    this.#sim.trace?.fault(this.name, 'error', { in: actor, error: error instanceof Error ? error.message : String(error) })
    if (onError?.(error, life) === 'exit') this.#processExits(life, 'exit')
    else this.#sim.fail(error, 'error', `${this.name}, ${actor}`)
  }

  #processExits(life: ProcessLife, how: 'exit' | 'kill'): void {
    if (life !== this.#life) return
    this.#note(how === 'exit' ? 'exits' : 'kills')
    this.#endLife(true)
    this.disk.detach()
    this.#restartLater()
  }

  /** The process is dead from this moment on; the crash follows when its event is over, so that nothing changes under its feet. */
  #machineStops(life: ProcessLife): void {
    if (life !== this.#life) return
    life.end(false)
    this.#sim.schedule(0, () => {
      if (this.#life === life) this.crash()
    })
  }

  #endLife(machineGoesOn: boolean): void {
    this.#life?.end(machineGoesOn)
    this.#life = undefined
  }

  #restartLater(): void {
    const { restartAfterMs } = this.#options
    if (restartAfterMs !== undefined) this.#sim.schedule(drawFrom(restartAfterMs, this.#random) * 1e6, () => this.start())
  }

  #note(what: string, fields?: Readonly<Record<string, number>>): void {
    if (what !== 'start') this.#sim.coverage.count(`node.${what}`)
    if (what === 'start' || what === 'restarts') this.#sim.trace?.record(this.name, what, fields)
    else this.#sim.trace?.fault(this.name, what, fields)
  }
}
