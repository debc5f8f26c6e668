import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Starts a worker of this folder. Its one message is its result; an error in it rejects. */
export async function runWorker<T>(file: string, data: unknown): Promise<T> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData: data })
  const exited = once(worker, 'exit')
  const [result] = (await once(worker, 'message')) as [T]
  await exited
  return result
}
