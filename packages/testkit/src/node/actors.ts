import type { Step } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { SeededRandom } from '../seeded-random.ts'
import type { EventOwner, SimulatedEvent } from '../simulation/event-queue.ts'
import { drawFrom, type Range } from '../simulation/range.ts'
import type { Simulation } from '../simulation/simulation.ts'

/** What an actor needs of the process that it runs in. */
export interface ActorHome extends EventOwner {
  readonly sim: Simulation
  /** True time in which the process's clock moves by so many nanoseconds. */
  trueNs(localNs: number): number
  /** Time that blocking calls of this event took, in nanoseconds: asked for once. */
  takeBlockedNs(): number
  /** An actor did work: others may have something to do now. */
  worked(actor: Actor): void
  /** An actor ended. */
  ended(actor: Actor): void
  /** Code under test threw. */
  failed(error: unknown, actor: string): void
}

/** Something that runs in a simulated process. */
export interface Actor {
  readonly name: string
  /** As {@link StepOptions.wakes}. */
  readonly wakes: 'work' | 'call'
  /** Has it called soon: something may have changed for it. Without effect once it is on its way or over. */
  wake(): void
}

/** How a step is called. */
export interface StepOptions {
  /** How long one call takes, in nanoseconds. @default { least: 500, most: 20_000 } */
  readonly costNs?: Range
  /**
   * What wakes a step that asked for `Infinity` or for a delay. `work`: messages, completions of the disk, and work that other steps of its process did, as
   * the parking lot of real threads would. `call`: only a call of `wake()`. @default 'work'
   */
  readonly wakes?: 'work' | 'call'
}

/** How soon a sleeping actor is awake, in nanoseconds: as long as a thread takes to come back from its sleep. */
const WAKE_NS: Range = { least: 1_000, most: 60_000 }
const STEP_NS: Range = { least: 500, most: 20_000 }

/** Loops a step in virtual time, as a thread would. */
export class StepActor implements Actor {
  readonly name: string
  readonly wakes: 'work' | 'call'
  readonly #home: ActorHome
  readonly #step: Step
  readonly #random: SeededRandom
  readonly #costNs: Range
  /** Its next call. */
  #next: SimulatedEvent | undefined
  /** Not called before this moment: the call before takes until then. */
  #readyNs = 0
  #asleep = false
  readonly #call = () => this.#run()

  constructor(home: ActorHome, name: string, step: Step, random: SeededRandom, options: StepOptions) {
    this.name = name
    this.wakes = options.wakes ?? 'work'
    this.#home = home
    this.#step = step
    this.#random = random
    this.#costNs = options.costNs ?? STEP_NS
    this.#next = home.sim.schedule(drawFrom(WAKE_NS, random), this.#call, home)
  }

  wake(): void {
    if (!this.#asleep) return
    this.#asleep = false
    const { sim } = this.#home
    if (this.#next !== undefined) sim.cancel(this.#next)
    const delayNs = Math.max(this.#readyNs - sim.nowNs, drawFrom(WAKE_NS, this.#random))
    this.#next = sim.schedule(delayNs, this.#call, this.#home)
  }

  // Hot: benchmark `simulation/steps`.
  #run(): void {
    const home = this.#home
    this.#next = undefined
    this.#asleep = false
    let delayMs = 0
    try {
      delayMs = this.#step.step()
      if (!(delayMs >= 0)) throw new RangeError(`the step ${this.name} asked to be called again in ${delayMs} ms`)
    } catch (error) {
      home.failed(error, this.name)
      home.ended(this)
      return
    }
    if (home.state === 'gone') return
    const takenNs = drawFrom(this.#costNs, this.#random) + home.takeBlockedNs()
    this.#readyNs = home.sim.nowNs + takenNs
    if (delayMs === 0) {
      this.#next = home.sim.schedule(takenNs, this.#call, home)
      home.worked(this)
      return
    }
    this.#asleep = true
    if (delayMs !== Number.POSITIVE_INFINITY)
      this.#next = home.sim.schedule(Math.max(takenNs, home.trueNs(delayMs * 1e6)), this.#call, home)
  }
}

/** How long a task waits for its disk until it looks again by itself, in nanoseconds. */
const TASK_POLL_NS = 1_000_000

/** Carries a file task out: it goes on whenever the disk finished something. */
export class TaskActor<T> implements Actor {
  readonly name: string
  readonly wakes = 'work'
  readonly #home: ActorHome
  readonly #task: FileTask<T>
  readonly #random: SeededRandom
  readonly #done: (value: T) => void
  readonly #failed: ((error: unknown) => void) | undefined
  #next: SimulatedEvent | undefined
  #soon = true
  #over = false
  readonly #call = () => this.#run()

  constructor(
    home: ActorHome,
    name: string,
    task: FileTask<T>,
    random: SeededRandom,
    done: (value: T) => void,
    failed: ((error: unknown) => void) | undefined,
  ) {
    this.name = name
    this.#home = home
    this.#task = task
    this.#random = random
    this.#done = done
    this.#failed = failed
    this.#next = home.sim.schedule(0, this.#call, home)
  }

  wake(): void {
    if (this.#soon || this.#over) return
    this.#soon = true
    if (this.#next !== undefined) this.#home.sim.cancel(this.#next)
    this.#next = this.#home.sim.schedule(drawFrom(WAKE_NS, this.#random), this.#call, this.#home)
  }

  #run(): void {
    const home = this.#home
    this.#soon = false
    try {
      const { done, value } = this.#task.next()
      if (done) {
        this.#end()
        const takenNs = home.takeBlockedNs()
        if (takenNs === 0) this.#tell(value)
        else home.sim.schedule(takenNs, () => this.#tell(value), home)
        return
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    if (home.state !== 'gone') this.#next = home.sim.schedule(TASK_POLL_NS + home.takeBlockedNs(), this.#call, home)
  }

  #tell(value: T): void {
    try {
      this.#done(value)
    } catch (error) {
      this.#home.failed(error, this.name)
    }
    this.#home.worked(this)
  }

  #fail(error: unknown): void {
    this.#end()
    try {
      if (this.#failed === undefined) throw error
      this.#failed(error)
    } catch (unheard) {
      this.#home.failed(unheard, this.name)
    }
  }

  #end(): void {
    this.#over = true
    this.#home.ended(this)
  }
}
