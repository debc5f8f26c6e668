import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { TrialData, TrialResult } from './trial.ts'

/** Threads that share a trial. */
const THREADS = 2

/** Damages a journal in many places, one at a time, on two threads. */
export async function tryAll(data: Omit<TrialData, 'first'> & { readonly first?: number }): Promise<TrialResult> {
  const { first = 0, stride } = data
  const parts = Array.from({ length: THREADS }, (_, i) => start({ ...data, first: first + i * stride, stride: stride * THREADS }))
  const results = await Promise.all(parts)
  const refused: Record<string, number> = {}
  for (const result of results) for (const [code, count] of Object.entries(result.refused)) refused[code] = (refused[code] ?? 0) + count
  return {
    tried: results.reduce((all, { tried }) => all + tried, 0),
    whole: results.reduce((all, { whole }) => all + whole, 0),
    withoutLast: results.reduce((all, { withoutLast }) => all + withoutLast, 0),
    refused,
    wrong: results.flatMap(({ wrong }) => wrong),
  }
}

async function start(data: TrialData): Promise<TrialResult> {
  const worker = new Worker(new URL('./trial-worker.ts', import.meta.url), { workerData: data })
  const [result] = (await once(worker, 'message')) as [TrialResult]
  return result
}
