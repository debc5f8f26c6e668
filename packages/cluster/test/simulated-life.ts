import { runBlocking } from '@disruptorx/contracts/internal'
import { FakeClock, type SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { SessionPublisher } from '../src/client/session-publisher.ts'
import { UserPort } from '../src/client/user-port.ts'
import { HandlerStep } from '../src/partition/handler-step.ts'
import { Progress } from '../src/partition/progress.ts'
import { ReplicaStep } from '../src/partition/replica-step.ts'
import { createRings } from '../src/partition/rings.ts'
import counter from './counter.ts'

const CLIENT = 7

/** The amount of the client's event `number`: anything that tells events apart. */
const amountOf = (number: number) => (number * 7919) % 1000

/** What the counter must show after the client's first events. */
export function sumOf(numbers: number): number {
  let sum = 0
  for (let number = 1; number <= numbers; number++) sum += amountOf(number)
  return sum
}

/** One life of a partition on a simulated disk: all of it on this thread, step by step. */
export class SimulatedLife {
  readonly #rings = createRings(counter, 256)
  readonly progress = Progress.create()
  readonly replica: ReplicaStep
  readonly handler: HandlerStep
  readonly port: UserPort
  readonly #clock = new FakeClock()
  #publisher: SessionPublisher | undefined

  constructor(files: SimulatedFiles, bounds = { snapshotEveryBytes: 128 * 1024, maxJournalBytes: 64 * 1024 ** 2 }) {
    const ports = { rings: this.#rings, progress: this.progress, clock: this.#clock }
    this.replica = runBlocking(ReplicaStep.open(files, { dir: 'data/journal', segmentBytes: 256 * 1024 }, { ...ports, ...bounds }))
    this.handler = runBlocking(HandlerStep.open({ ...ports, app: counter, files, snapshotDir: 'data/snapshots' }))
    this.port = new UserPort(this.#rings, this.progress, { schedule: () => () => undefined }, error => {
      throw error
    })
    while (this.progress.appliedIndex.get() < this.replica.recovered.lastIndex) this.step()
  }

  step(): void {
    this.replica.step()
    this.handler.step()
    this.port.step()
  }

  /** Publishes events after the client's last one in the log, as many as find room. */
  publish(after: number, count: number): void {
    this.#publisher ??= new SessionPublisher(counter, this.port, this.#clock, CLIENT, after)
    for (let i = 0; i < count; i++) if (!this.#publisher.tryPublish('add', { amount: amountOf(this.#publisher.claimed + 1) }, 0)) break
    this.#publisher.flush()
  }

  get published(): number {
    return this.#publisher?.claimed ?? 0
  }

  get acknowledged(): number {
    return this.#publisher?.durable ?? 0
  }

  get applied(): number {
    return this.#publisher?.applied ?? 0
  }

  async ask(name: string, args?: unknown): Promise<unknown> {
    let settled = false
    const answer = this.port.query(name, args).finally(() => {
      settled = true
    })
    while (!settled) {
      this.step()
      await Promise.resolve()
    }
    return await answer
  }
}

/** What a life came to. */
export interface Outcome {
  /** The highest number that was acknowledged as durable. */
  readonly acknowledged: number
  readonly snapshots: number
}

/** Opens the partition, checks what it recovered, and publishes until the machine stops. */
export async function live(files: SimulatedFiles, random: SeededRandom, before: number): Promise<Outcome> {
  let acknowledged = before
  let snapshots = 0
  try {
    const life = new SimulatedLife(files)
    const resumed = (await life.ask('$lastNumber', CLIENT)) as number
    expect(resumed, 'an acknowledged event is lost').toBeGreaterThanOrEqual(before)
    const { sum, events } = (await life.ask('state')) as { sum: number; events: number }
    expect({ sum, events }, 'an event is lost, doubled or changed').toEqual({ sum: sumOf(resumed), events: resumed })
    while (!files.stopped) {
      life.publish(resumed, random.below(200))
      for (let steps = random.below(3); steps >= 0; steps--) {
        life.step()
        acknowledged = Math.max(acknowledged, life.acknowledged)
      }
      snapshots = life.progress.snapshotDone.get()
    }
  } catch (error) {
    if (!files.stopped) throw error
  }
  return { acknowledged, snapshots }
}

/** Opens the partition again and again on a machine that crashes: a whole history, decided by the seed. */
export async function liveThroughCrashes(random: SeededRandom, crashes: number): Promise<Outcome> {
  let files = new SimulatedFiles({ seed: random.u32() })
  let acknowledged = 0
  let snapshots = 0
  for (let crash = 0; crash < crashes; crash++) {
    files = files.crash({ stopAfter: 20 + random.below(400) })
    const outcome = await live(files, random, acknowledged)
    acknowledged = outcome.acknowledged
    snapshots += outcome.snapshots
  }
  return { acknowledged, snapshots }
}
