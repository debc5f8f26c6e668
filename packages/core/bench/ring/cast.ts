import { once } from 'node:events'
import { MessagePort, Worker } from 'node:worker_threads'
import type { Case } from './cases.ts'
import { checksum } from './event.ts'
import type { Played } from './part.ts'
import { Round, type RoundHandle } from './round.ts'

/** What a thread is told: to play this part of this case until it is over. */
export interface Role {
  readonly name: string
  readonly part: number
  readonly round: RoundHandle
  readonly shared: unknown
  /** The core to stay on, where threads can be tied to cores. */
  readonly core: number | undefined
}

/** A part's share of a round. */
export interface PlayedPart extends Played {
  readonly startNs: number
  readonly endNs: number
  /** CPU time that the thread had, as a share of the time that went by: 0 to 1. */
  readonly cpuShare: number
}

/** What a thread says: that it stands ready, or what it did in a round. */
export type Report = { readonly kind: 'ready' } | { readonly kind: 'played'; readonly played: PlayedPart }

/** Threads that play cases. */
export class Threads {
  /** Every part of every case has a thread of its own, so that none runs code that another has shaped. */
  readonly fresh: boolean
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()

  constructor(fresh: boolean) {
    this.fresh = fresh
  }

  take(): Worker {
    const worker = this.#idle.pop() ?? new Worker(new URL('../ring-worker.ts', import.meta.url))
    this.#all.add(worker)
    return worker
  }

  async giveBack(worker: Worker): Promise<void> {
    if (!this.fresh) this.#idle.push(worker)
    else {
      this.#all.delete(worker)
      await worker.terminate()
    }
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map(worker => worker.terminate()))
  }
}

/** What a round came to. */
export interface RoundResult {
  /** Events per second, from the first claim to the last read. */
  readonly perSecond: number
  /** Events per second in a chunk that was among the fastest fifth: so neither thread lost its core meanwhile. Of one producer only. */
  readonly calmPerSecond: number
  readonly figures: Readonly<Record<string, number>>
  /** CPU time of the thread that got the least of it, as a share of the time that went by. */
  readonly leastCpuShare: number
}

/** How long a round takes. */
export type Timing = Pick<RoundHandle, 'durationMs' | 'leastChunks'>

/** The threads of one case. They sleep between rounds. */
export class Cast {
  readonly #case: Case
  readonly #threads: Threads
  readonly #workers: readonly Worker[]
  readonly #round: Round

  private constructor(played: Case, threads: Threads, workers: readonly Worker[], round: Round) {
    this.#case = played
    this.#threads = threads
    this.#workers = workers
    this.#round = round
  }

  /** Starts the threads of a case, and waits until all stand ready. */
  static async open(played: Case, threads: Threads, timing: Timing): Promise<Cast> {
    const round = { memory: Round.memory(), threads: played.parts.length, producers: played.producers, ...timing }
    const workers = played.parts.map(() => threads.take())
    const ready = Promise.all(workers.map(reportOf))
    for (const [part, shared] of played.share().entries()) {
      const role: Role = { name: played.name, part, round, shared, core: threads.fresh && workers.length === 2 ? part : undefined }
      workers[part]?.postMessage(role, shared instanceof MessagePort ? [shared] : [])
    }
    await ready
    return new Cast(played, threads, workers, new Round(round))
  }

  /** Plays a round with chunks of so many events. @throws when what was read is not what was written, or a thread fails */
  async play(chunk: number): Promise<RoundResult> {
    const reports = Promise.all(this.#workers.map(reportOf))
    this.#round.begin(chunk)
    const parts = (await reports).flatMap(report => (report.kind === 'played' ? [report.played] : []))
    const written = parts.slice(0, this.#case.producers).reduce((sum, { events }) => sum + events, 0)
    for (const part of parts.slice(this.#case.producers)) this.#check(part, written)
    const startNs = Math.min(...parts.map(part => part.startNs))
    const endNs = Math.max(...parts.map(part => part.endNs))
    return {
      perSecond: (written * 1e9) / (endNs - startNs),
      calmPerSecond: (chunk * 1e9) / (parts[0]?.chunkNs ?? Number.NaN),
      figures: sumOf(parts.map(({ figures }) => figures ?? {})),
      leastCpuShare: Math.min(...parts.map(({ cpuShare }) => cpuShare)),
    }
  }

  /** Ends the case. */
  async close(): Promise<void> {
    const ready = Promise.all(this.#workers.map(reportOf))
    this.#round.end()
    await ready
    await Promise.all(this.#workers.map(worker => this.#threads.giveBack(worker)))
  }

  #check({ events, sum }: Played, written: number): void {
    if (sum === undefined) return
    const { name } = this.#case
    if (events !== written) throw new Error(`${name}: ${written} events were written and ${events} read`)
    const due = (written / this.#round.chunk) * checksum(this.#round.chunk)
    if (sum !== due) throw new Error(`${name}: what was written adds up to ${due}, what was read to ${sum}`)
  }
}

/** Rejects when the thread fails. */
async function reportOf(worker: Worker): Promise<Report> {
  const [report] = (await once(worker, 'message')) as [Report]
  return report
}

/** Adds up what has the same name. */
function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const figures of all) for (const [name, value] of Object.entries(figures)) sum[name] = (sum[name] ?? 0) + value
  return sum
}
