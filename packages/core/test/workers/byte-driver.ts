import { parentPort, workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle } from '@disruptorx/core'
import { SeededRandom } from '@disruptorx/testkit'
import { AGENTS, type AgentData, CONSUMER, DRIVER, LOG, PUBLISHED, type Schedule, Turnstile, WRITTEN } from './byte-schedule.ts'

/** What the driver does. */
export interface Rounds {
  /** Thread numbers of the other agents. */
  readonly threads: readonly number[]
  /** Every place of one switch, with every death of one agent, for these orders. @default none */
  readonly orders?: readonly (readonly number[])[]
  /** So many rounds by lot, with several switches and deaths, for each seed. @default none */
  readonly seeds?: readonly number[]
  readonly roundsPerSeed?: number
  /** No new seed after so many milliseconds. @default Infinity */
  readonly limitMs?: number
}

export interface Outcome {
  readonly rounds: number
  readonly skips: number
  readonly redelivered: number
  readonly failure?: string
}

const data = workerData as AgentData
const rounds = data.rounds as Rounds
const ring = ByteRing.attach(data.ring as ByteRingHandle)
const turnstile = new Turnstile(data, ring.memory)
const pristine = ring.bytes.slice()
const words = new Int32Array(ring.memory)
let count = 0
let skips = 0
let redelivered = 0

function reclaim(): void {
  turnstile.run(() => {
    for (let agent = 0; agent < DRIVER; agent++) if (turnstile.isDead(agent)) ring.reclaim(rounds.threads[agent] as number)
  })
}

function play(schedule: Schedule): void {
  ring.bytes.set(pristine)
  turnstile.plan(schedule)
  for (;;) {
    const next = turnstile.next()
    if (next !== DRIVER) {
      turnstile.pass(next)
      turnstile.wait()
    }
    if ([0, 1, 2].every(agent => turnstile.isDone(agent))) break
    // Passed to in the middle of another agent's work: as the one that reclaims. That agent goes on by its order.
    if (!turnstile.isDone(DRIVER)) reclaim()
  }
  // Whoever died since then, too.
  for (let agent = 0; agent < DRIVER; agent++) if (turnstile.isDead(agent)) ring.reclaim(rounds.threads[agent] as number)
  count++
  check(schedule)
}

function fail(schedule: Schedule, reason: string): never {
  throw new Error(`${reason}, with schedule ${JSON.stringify(schedule)}`)
}

/** What must hold after every round. */
function check(schedule: Schedule): void {
  const log = Array.from(turnstile.words.subarray(LOG + 1, LOG + 1 + (turnstile.words[LOG] as number)))
  const rest: number[] = []
  const consumer = ring.consumer()
  consumer.poll((_bytes, offset) => rest.push(words[offset >> 2] as number))
  consumer.close()
  const consumerDied = turnstile.isDead(CONSUMER)
  if (log.includes(-1)) fail(schedule, 'a damaged record')
  for (let producer = 0; producer < CONSUMER; producer++) {
    const written = turnstile.words[WRITTEN + producer] as number
    const published = turnstile.words[PUBLISHED + producer] as number
    for (const part of [log, rest]) {
      const own = part.filter(id => id >> 8 === producer).map(id => id & 255)
      if (own.some((id, index) => index > 0 && id <= (own[index - 1] as number)))
        fail(schedule, `producer ${producer} out of order: ${part}`)
    }
    for (let id = 0; id < 3; id++) {
      const times = [...log, ...rest].filter(other => other === ((producer << 8) | id)).length
      if ((written & (1 << id)) === 0 && times > 0) fail(schedule, `record ${id} of producer ${producer} was not written and came`)
      if ((published & (1 << id)) !== 0 && times === 0) fail(schedule, `record ${id} of producer ${producer} was lost`)
      if (times > 1 && !consumerDied) fail(schedule, `record ${id} of producer ${producer} came ${times} times`)
      if (times > 1) redelivered++
    }
  }
  if (ring.usedBytes !== 0) fail(schedule, `${ring.usedBytes} bytes are stuck`)
  if (consumer.skipped > 0 && !schedule.dieAt.some(step => step >= 0)) fail(schedule, 'something was skipped though nobody died')
  skips += consumer.skipped
  const sides = [ring.producer(), ring.producer()]
  for (const side of sides) side.close()
}

function playAllOf(order: readonly number[]): void {
  const nobody = [-1, -1, -1, -1]
  play({ order, dieAt: nobody, switches: [] })
  const own = nobody.map((_, agent) => turnstile.stepsOf(agent))
  const deaths = [nobody]
  for (const victim of [order.find(agent => agent < CONSUMER) as number, CONSUMER])
    for (let step = 0; step < (own[victim] as number); step++) deaths.push(nobody.map((never, agent) => (agent === victim ? step : never)))
  for (const dieAt of deaths)
    for (let step = 0, last = 1; step <= last; step++)
      for (let agent = 0; agent < AGENTS; agent++) {
        play({ order, dieAt, switches: [[step, agent]] })
        last = turnstile.steps
      }
}

function playByLot(random: SeededRandom): void {
  const order = [0, 1, 2, 3].map(agent => ({ agent, lot: random.u32() })).sort((a, b) => a.lot - b.lot)
  const dieAt = [0, 1, 2].map(agent => (random.chance(agent === CONSUMER ? 0.2 : 0.5) ? random.below(agent === CONSUMER ? 40 : 16) : -1))
  const steps = Array.from({ length: random.between(2, 12) }, () => random.below(90)).sort((a, b) => a - b)
  play({
    order: order.map(({ agent }) => agent),
    dieAt: [...dieAt, -1],
    switches: steps.map(step => [step, random.below(AGENTS)] as const),
  })
}

function playAll(): Outcome {
  const { orders = [], seeds = [], roundsPerSeed = 0, limitMs = Infinity } = rounds
  const end = performance.now() + limitMs
  try {
    for (const order of orders) playAllOf(order)
    for (const seed of seeds) {
      if (performance.now() > end) break
      const random = new SeededRandom(seed)
      for (let round = 0; round < roundsPerSeed; round++) playByLot(random)
    }
    return { rounds: count, skips, redelivered }
  } catch (error) {
    return { rounds: count, skips, redelivered, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.postMessage(playAll())
