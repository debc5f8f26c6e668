import type { Case } from './cases.ts'
import { Cast, type RoundResult, type Threads, type Timing } from './cast.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** How long and how often. */
export interface Effort {
  /** One short round of everything: shows that it runs. */
  readonly quick: boolean
  readonly threads: Threads
}

/** Turns that count, and turns before them that do not. */
const PAIRS = 9
const WARM_UP = 2
/**
 * Chunks of the turns that warm up. They are short, so that a hot loop is called often and compiled as a whole. If one long call after the other
 * is replaced while it runs, V8 compiles a loop whose end it has not seen, and may then leave and enter that code at every call for good.
 */
const WARM_UP_CHUNK = 320
const QUICK_CHUNK = 3_200

/** A spinning thread that had its core for less than this share of a round was pushed aside by another program. */
const LEAST_CPU_SHARE = 0.9
/** How many turns may be played again for that. */
const MOST_REPEATS = 4

/** Throughput of one case. */
export interface Throughput {
  /** Events per second, of every round that counts. */
  readonly speeds: readonly number[]
  /** In how many of them a thread that never waits had to do without its core for a while. Of these, a fast chunk counts, not the whole round. */
  readonly disturbed: number
}

/** Throughput of a case and of its raw loop, in turns. */
export interface Pair {
  readonly raw: Throughput
  readonly ours: Throughput
  /** Ours by raw, of each two rounds that followed each other. */
  readonly ratio: Spread
}

/** How long a round takes, and how many events its chunks have once the code is warm. */
function timingOf(one: Case, { quick }: Effort): Timing & { readonly chunk: number } {
  const { chunk = 12_800, durationMs = 350, leastChunks = 1 } = one
  return quick ? { chunk: Math.min(chunk, QUICK_CHUNK), durationMs: 0, leastChunks: 1 } : { chunk, durationMs, leastChunks }
}

/** One round of each case. */
interface Turn {
  readonly results: readonly RoundResult[]
  /** Of cases that never wait, the least share of its core that a thread had; otherwise 1. */
  readonly cpuShare: number
}

/** Plays rounds of several cases in turns, and returns the turns that count: those that other programs disturbed least. */
async function inTurns(all: readonly Case[], effort: Effort): Promise<Turn[]> {
  const { warmUp, count } = effort.quick ? { warmUp: 0, count: 1 } : { warmUp: WARM_UP, count: PAIRS }
  const chunks = all.map(one => timingOf(one, effort).chunk)
  const casts: Cast[] = []
  for (const one of all) casts.push(await Cast.open(one, effort.threads, timingOf(one, effort)))
  const turns: Turn[] = []
  const calm = () => turns.filter(turn => !isDisturbed(turn)).length
  for (let played = 0; calm() < count && turns.length < count + MOST_REPEATS; played++) {
    const results: RoundResult[] = []
    for (const [index, cast] of casts.entries()) results.push(await cast.play(played < warmUp ? WARM_UP_CHUNK : (chunks[index] as number)))
    const shares = results.filter((_, index) => all[index]?.spins && !effort.quick).map(({ leastCpuShare }) => leastCpuShare)
    if (played >= warmUp) turns.push({ results, cpuShare: Math.min(1, ...shares) })
  }
  for (const cast of casts) await cast.close()
  return turns.sort((a, b) => b.cpuShare - a.cpuShare).slice(0, count)
}

function isDisturbed({ cpuShare }: Turn): boolean {
  return cpuShare < LEAST_CPU_SHARE
}

function throughputOf(turns: readonly Turn[], index: number): Throughput {
  const speeds = turns.map(turn => {
    const result = turn.results[index]
    return (isDisturbed(turn) ? result?.calmPerSecond : result?.perSecond) ?? Number.NaN
  })
  return { speeds, disturbed: turns.filter(isDisturbed).length }
}

/** Lets a case and its raw loop run in turns. */
export async function measurePair(raw: Case, ours: Case, effort: Effort): Promise<Pair> {
  const turns = await inTurns([raw, ours], effort)
  const [theirs, mine] = [throughputOf(turns, 0), throughputOf(turns, 1)]
  return { raw: theirs, ours: mine, ratio: spreadOf(mine.speeds.map((speed, turn) => speed / (theirs.speeds[turn] as number))) }
}

/** Lets a case run by itself. */
export async function measureAlone(one: Case, effort: Effort): Promise<Throughput> {
  return throughputOf(await inTurns([one], effort), 0)
}

/** What a case measures itself. */
export async function measureFigures(one: Case, effort: Effort): Promise<Record<string, Spread>> {
  const { chunk, ...timing } = timingOf(one, effort)
  const cast = await Cast.open(one, effort.threads, timing)
  const rounds = effort.quick ? 1 : (one.figures ?? 1)
  const all = new Map<string, number[]>()
  // Where several rounds count, some more come first, to warm up.
  for (let round = rounds > 1 ? -WARM_UP : 0; round < rounds; round++) {
    const { figures } = await cast.play(round < 0 ? WARM_UP_CHUNK : chunk)
    if (round < 0) continue
    for (const [name, value] of Object.entries(figures)) all.set(name, [...(all.get(name) ?? []), value])
  }
  await cast.close()
  return Object.fromEntries([...all].map(([name, values]) => [name, spreadOf(values)]))
}
