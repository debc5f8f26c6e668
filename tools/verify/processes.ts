import { spawn } from 'node:child_process'

/** What a finished process left. */
export interface Ended {
  readonly code: number | null
  /** stdout and stderr as they came. */
  readonly output: string
}

/** How a process is run. */
export interface RunOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  /** After this long it is killed, and has failed. @default 600000 */
  readonly timeoutMs?: number
  /** Also prints what the program writes, as it comes. @default false */
  readonly show?: boolean
}

/** Runs a program to its end, without input. Never throws for what the program does. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, env = process.env, timeoutMs = 600_000, show = false } = options
  return new Promise(done => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' })
    const chunks: Buffer[] = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    if (show) child.stdout.pipe(process.stdout, { end: false })
    if (show) child.stderr.pipe(process.stderr, { end: false })
    const text = () => Buffer.concat(chunks).toString()
    child.once('error', error => done({ code: null, output: `${command}: ${error.message}` }))
    child.once('close', (code, signal) => {
      done({
        code,
        output: signal === null ? text() : `${text()}\nended by ${signal}; it may have taken longer than ${timeoutMs / 1000} s`,
      })
    })
  })
}

/** Maps with at most two at work: as many as the smallest machine has cores. */
export async function mapTwoAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T)
    }
  }
  await Promise.all([lane(), lane()])
  return results
}
