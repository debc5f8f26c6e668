import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
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
}

/** What a thread says: that it stands ready, or what it did in a round. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'played'; readonly startNs: number; readonly endNs: number; readonly played: Played }

/** Threads to play cases. `fresh` gives every part of every case a thread of its own, so that none sees code that another has shaped. */
export class Threads {
  readonly #fresh: boolean
  readonly #idle: Worker[] = []

  constructor(fresh: boolean) {
    this.#fresh = fresh
  }

  take(): Worker {
    return this.#idle.pop() ?? new Worker(new URL('../ring-worker.ts', import.meta.url))
  }

  async giveBack(worker: Worker): Promise<void> {
    if (this.#fresh) await worker.terminate()
    else this.#idle.push(worker)
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(worker => worker.terminate()))
  }
}

/** What a round came to. */
export interface RoundResult {
  /** Events per second, from the first claim to the last read. */
  readonly perSecond: number
  readonly parts: readonly Played[]
}

/** The threads of one case. They sleep between rounds. */
export class Cast {
  readonly #case: Case
  readonly #threads: Threads
  readonly #workers: Worker[]
  readonly #round: Round

  private constructor(played: Case, threads: Threads, workers: Worker[], round: Round) {
    this.#case = played
    this.#threads = threads
    this.#workers = workers
    this.#round = round
  }

  /** Starts the threads of a case, and waits until all stand ready. */
  static async open(played: Case, threads: Threads, timing: { chunk: number; durationMs: number }): Promise<Cast> {
    const handle = { memory: Round.memory(), threads: played.parts.length, producers: played.producers, ...timing }
    const shared = played.share()
    const workers = played.parts.map(() => threads.take())
    const ready = workers.map(worker => reportOf(worker))
    for (const [part, worker] of workers.entries()) {
      const role: Role = { name: played.name, part, round: handle, shared }
      worker.postMessage(role)
    }
    await Promise.all(ready)
    return new Cast(played, threads, workers, new Round(handle))
  }

  /** Plays a round. @throws when what was read is not what was written */
  async play(): Promise<RoundResult> {
    const reports = Promise.all(this.#workers.map(reportOf))
    this.#round.begin()
    const done = (await reports).filter(report => report.kind === 'played')
    const written = done.slice(0, this.#case.producers).reduce((sum, { played }) => sum + played.events, 0)
    const due = (written / this.#round.chunk) * checksum(this.#round.chunk)
    for (const { played } of done.slice(this.#case.producers)) this.#check(played, written, due)
    const ns = Math.max(...done.map(({ endNs }) => endNs)) - Math.min(...done.map(({ startNs }) => startNs))
    return { perSecond: (written * 1e9) / ns, parts: done.map(({ played }) => played) }
  }

  /** Ends the case. */
  async close(): Promise<void> {
    const ready = this.#workers.map(reportOf)
    this.#round.end()
    await Promise.all(ready)
    await Promise.all(this.#workers.map(worker => this.#threads.giveBack(worker)))
  }

  #check({ events, sum }: Played, written: number, due: number): void {
    if (sum === undefined) return
    const { name } = this.#case
    if (events !== written) throw new Error(`${name}: ${written} events were written and ${events} read`)
    if (sum !== due) throw new Error(`${name}: what was written adds up to ${due}, what was read to ${sum}`)
  }
}

async function reportOf(worker: Worker): Promise<Report> {
  const [report] = (await once(worker, 'message')) as [Report]
  return report
}
