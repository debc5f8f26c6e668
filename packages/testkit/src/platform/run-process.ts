import { type ChildProcess, spawn } from 'node:child_process'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { guard } from './guardian.ts'
import { LineSplitter } from './line-splitter.ts'
import { ProcessOutputError, ProcessStartError, ProcessTimeoutError } from './process-errors.ts'
import { onceOrAtExit } from './process-exit.ts'

/** Where a line came from. */
export type OutputStream = 'stdout' | 'stderr'

/** What to run, and when to kill it. */
export interface ProcessOptions {
  /** The program: an absolute path, or a name that PATH finds. Tests of Node programs take `process.execPath`. */
  readonly command: string
  readonly args?: readonly string[]
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** All of the program's standard input. @default empty */
  readonly stdin?: string | Uint8Array
  /** Called with each complete line; at the first true the signal is sent before anything else is read. */
  readonly killWhen?: (line: string, stream: OutputStream) => boolean
  /** What {@link killWhen} sends, to the program alone. @default 'SIGKILL' */
  readonly killSignal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT'
  /** Time for everything, in milliseconds, from 1 to 3,600,000. Past it, the program and its children are killed. @default 60_000 */
  readonly timeoutMs?: number
  /**
   * What happens to processes that the program started and left behind. `kill`: they are killed when the program has exited.
   * `wait`: the result waits until they have closed the output, so that leaving one behind ends in the time-out. @default 'kill'
   */
  readonly survivors?: 'kill' | 'wait'
  /** Bound of each output, in bytes, from 1 to 2^30. Past it, the program is killed and the result is an error. @default 64 MiB */
  readonly maxOutputBytes?: number
}

/** How a process ended. */
export interface ProcessResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  /** The name of the signal that ended it. */
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  /** The line at which `killWhen` said yes. */
  readonly killedAtLine: string | undefined
}

/** A process that runs. Disposing of it kills it with its children, and waits for that. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number
  /** Rejects with {@link ProcessTimeoutError} or {@link ProcessOutputError}. */
  readonly result: Promise<ProcessResult>
  /** Sends a signal to the program alone. False when it is gone. */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT'): boolean
  /** Resolves with the first line, earlier ones included, for which `matches` is true. Rejects when the process ends without one. */
  waitForLine(matches: (line: string, stream: OutputStream) => boolean): Promise<string>
}

/** Starts a program. @throws {ProcessStartError} when there is no such program, {OptionError} */
export function startProcess(options: ProcessOptions): RunningProcess {
  return new ObservedProcess(options)
}

/**
 * Runs a program to its end, or kills it at a chosen line. It dies with this process however this process ends, `kill -9` included.
 * On POSIX systems the children that stay in its process group die with it.
 *
 * @throws {ProcessStartError | ProcessTimeoutError | ProcessOutputError | OptionError}
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  return startProcess(options).result
}

interface LineWaiter {
  readonly matches: (line: string, stream: OutputStream) => boolean
  readonly resolve: (line: string) => void
  readonly reject: (error: Error) => void
}

class ObservedProcess implements RunningProcess {
  readonly pid: number
  readonly result: Promise<ProcessResult>
  readonly #options: ProcessOptions
  readonly #child: ChildProcess
  readonly #output = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  readonly #maxOutputBytes: number
  readonly #waiters = new Set<LineWaiter>()
  #failure: Error | undefined
  #killedAtLine: string | undefined
  #closed = false

  constructor(options: ProcessOptions) {
    this.#options = options
    this.#maxOutputBytes = wholeNumber('maxOutputBytes', options.maxOutputBytes ?? 2 ** 26, 1, 2 ** 30)
    const timeoutMs = wholeNumber('timeoutMs', options.timeoutMs ?? 60_000, 1, 3_600_000)
    const child = spawn(options.command, options.args ?? [], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // A process group of its own: its children can be found, and killed, by it.
      detached: true,
    })
    this.#child = child
    if (child.pid === undefined) {
      child.on('error', () => {})
      throw new ProcessStartError(options.command, options.cwd)
    }
    this.pid = child.pid
    this.result = this.#observe(timeoutMs)
    // Whoever only disposes of the process has nobody to catch its failure.
    this.result.catch(() => {})
  }

  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): boolean {
    return this.#child.kill(signal)
  }

  waitForLine(matches: (line: string, stream: OutputStream) => boolean): Promise<string> {
    for (const stream of ['stdout', 'stderr'] as const) {
      const line = this.#output[stream].lines.find(candidate => matches(candidate, stream))
      if (line !== undefined) return Promise.resolve(line)
    }
    return new Promise((resolve, reject) => {
      const waiter = { matches, resolve, reject }
      this.#waiters.add(waiter)
      const gone = () => {
        if (this.#waiters.delete(waiter)) reject(new ProcessOutputError(this.#options.command, 'ended without the line', this.#texts()))
      }
      this.result.then(gone, gone)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#killGroup()
    await this.result.catch(() => {})
  }

  #observe(timeoutMs: number): Promise<ProcessResult> {
    const child = this.#child
    const release = guard(this.pid)
    const killAtExit = onceOrAtExit(() => this.#killGroup())
    const timer = setTimeout(() => this.#fail(new ProcessTimeoutError(this.#options.command, timeoutMs, this.#texts())), timeoutMs)
    for (const stream of ['stdout', 'stderr'] as const) child[stream]?.on('data', (data: Buffer) => this.#take(stream, data))
    // A program that was killed does not read its input to the end.
    child.stdin?.on('error', () => {})
    child.stdin?.end(this.#options.stdin)
    if (this.#options.survivors !== 'wait') child.once('exit', () => this.#killGroup())
    return new Promise((resolve, reject) => {
      child.once('close', (exitCode, signal) => {
        clearTimeout(timer)
        killAtExit()
        this.#closed = true
        release()
        if (this.#failure !== undefined) reject(this.#failure)
        else resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined, ...this.#texts(), killedAtLine: this.#killedAtLine })
      })
    })
  }

  #take(stream: OutputStream, data: Buffer): void {
    const output = this.#output[stream]
    try {
      for (const line of output.push(data)) this.#takeLine(line, stream)
    } catch (error) {
      // A condition of the caller's threw: its error is the result.
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
    if (output.sizeBytes > this.#maxOutputBytes && this.#failure === undefined)
      this.#fail(new ProcessOutputError(this.#options.command, `wrote more than ${this.#maxOutputBytes} bytes to ${stream}`, this.#texts()))
  }

  #takeLine(line: string, stream: OutputStream): void {
    if (this.#killedAtLine === undefined && this.#options.killWhen?.(line, stream)) {
      this.#child.kill(this.#options.killSignal ?? 'SIGKILL')
      this.#killedAtLine = line
    }
    for (const waiter of this.#waiters) {
      if (!waiter.matches(line, stream)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(line)
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#killGroup()
  }

  #killGroup(): void {
    // The number may belong to somebody else by then.
    if (this.#closed) return
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
    }
  }

  #texts(): { stdout: string; stderr: string } {
    return { stdout: this.#output.stdout.text(), stderr: this.#output.stderr.text() }
  }
}
