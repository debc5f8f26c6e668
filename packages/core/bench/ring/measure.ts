import type { Case } from './cases.ts'
import { Cast, type RoundResult, type Threads } from './cast.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** How long and how often. */
export interface Effort {
  /** One short round of everything: shows that it runs. */
  readonly quick: boolean
  readonly threads: Threads
}

/** Rounds that count, and rounds before them that do not: they leave the compiler time. */
const PAIRS = 9
const WARM_UP = 2
const QUICK_CHUNK = 3_200

/** A spinning thread that had its core for less than this share of a round was pushed aside by another program. */
const LEAST_CPU_SHARE = 0.9
/** How many rounds may be played again for that. After so many, they count as they are. */
const MOST_REPEATS = 12

/** Throughput of one case. */
export interface Throughput {
  /** Events per second, of every round that counts. */
  readonly speeds: readonly number[]
}

/** Throughput of a case and of its raw loop, in turns. */
export interface Pair {
  readonly raw: Throughput
  readonly ours: Throughput
  /** Ours by raw, of each two rounds that followed each other. */
  readonly ratio: Spread
}

function timingOf({ chunk = 64_000, durationMs = 350 }: Case, { quick }: Effort): { chunk: number; durationMs: number } {
  return quick ? { chunk: Math.min(chunk, QUICK_CHUNK), durationMs: 0 } : { chunk, durationMs }
}

/** Plays rounds of several cases in turns, and returns what counts: for each turn, one result of each case. */
async function inTurns(all: readonly Case[], turns: number, effort: Effort): Promise<RoundResult[][]> {
  const casts: Cast[] = []
  for (const one of all) casts.push(await Cast.open(one, effort.threads, timingOf(one, effort)))
  const spins = !effort.quick && all.every(one => one.spins)
  const counted: RoundResult[][] = []
  let repeats = 0
  for (let turn = effort.quick ? WARM_UP : 0; counted.length < (effort.quick ? 1 : turns); turn++) {
    const results: RoundResult[] = []
    for (const cast of casts) results.push(await cast.play())
    if (turn < WARM_UP) continue
    const disturbed = spins && results.some(({ leastCpuShare }) => leastCpuShare < LEAST_CPU_SHARE)
    if (!disturbed || ++repeats > MOST_REPEATS) counted.push(results)
  }
  for (const cast of casts) await cast.close()
  return counted
}

/** Lets a case and its raw loop run in turns. */
export async function measurePair(raw: Case, ours: Case, effort: Effort): Promise<Pair> {
  const turns = await inTurns([raw, ours], PAIRS, effort)
  const speedsOf = (index: 0 | 1) => turns.map(results => (results[index] as RoundResult).perSecond)
  const [rawSpeeds, ourSpeeds] = [speedsOf(0), speedsOf(1)]
  return {
    raw: { speeds: rawSpeeds },
    ours: { speeds: ourSpeeds },
    ratio: spreadOf(ourSpeeds.map((speed, turn) => speed / (rawSpeeds[turn] as number))),
  }
}

/** Lets a case run by itself. */
export async function measureAlone(one: Case, effort: Effort): Promise<Throughput> {
  const turns = await inTurns([one], PAIRS, effort)
  return { speeds: turns.map(([result]) => (result as RoundResult).perSecond) }
}

/** What a case measures itself. */
export async function measureFigures(one: Case, effort: Effort): Promise<Record<string, Spread>> {
  const cast = await Cast.open(one, effort.threads, timingOf(one, effort))
  const rounds = effort.quick ? 1 : (one.figures ?? 1)
  const all = new Map<string, number[]>()
  // With several rounds, one more comes first, to warm up.
  for (let round = rounds > 1 ? -1 : 0; round < rounds; round++) {
    const { figures } = await cast.play()
    if (round < 0) continue
    for (const [name, value] of Object.entries(figures)) all.set(name, [...(all.get(name) ?? []), value])
  }
  await cast.close()
  return Object.fromEntries([...all].map(([name, values]) => [name, spreadOf(values)]))
}
