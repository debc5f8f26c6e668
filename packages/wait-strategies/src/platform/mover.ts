/** What the moving thread is started with. */
export interface MoverData {
  readonly memory: SharedArrayBuffer
  /** How often it moves the sequence, by one from 1 on, before it alerts. */
  readonly moves: number
}

const threads = (globalThis.process as typeof globalThis.process | undefined)?.getBuiltinModule?.('node:worker_threads')

/** Whether this platform has worker threads of Node. */
export const hasThreads = threads !== undefined

/** Starts the thread that moves the sequence; resolves, when it runs, to what ends it. */
export async function startMover(data: MoverData): Promise<() => Promise<void>> {
  if (threads === undefined) throw new Error('this platform has no worker threads')
  const worker = new threads.Worker(new URL('./compliance-mover.js', import.meta.url), { workerData: data, name: 'compliance-mover' })
  await new Promise((resolve, reject) => {
    worker.once('online', resolve)
    worker.once('error', reject)
  })
  return async () => {
    await worker.terminate()
  }
}
