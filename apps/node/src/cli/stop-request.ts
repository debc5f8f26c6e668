import { ExitCode } from './exit-codes.ts'

/** What asked a running command to end. `disconnect`: the parent, to which an ipc channel was open, went away. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'disconnect'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One press of Ctrl-C under npm arrives more than once: from the terminal and from npm. What comes this soon is the same press. */
const SAME_PRESS_MS = 400

/**
 * Listens for the wish to end: SIGINT, SIGTERM, SIGHUP and the end of the parent. The first one aborts {@link signal}; a second Ctrl-C
 * ends the process at once.
 */
export class StopRequest implements Disposable {
  readonly #controller = new AbortController()
  readonly #listeners = new Map<StopReason, () => void>()
  readonly #lastWords: () => void
  #reason: StopReason | undefined
  #firstAt = 0

  /** `lastWords` runs before the second Ctrl-C ends the process: it puts the terminal back in order. */
  constructor(lastWords: () => void = () => {}) {
    this.#lastWords = lastWords
    for (const reason of [...signals, 'disconnect'] as const) {
      const listener = () => this.#onRequest(reason)
      this.#listeners.set(reason, listener)
      process.on(reason as NodeJS.Signals, listener)
    }
    // The parent's channel tells when the parent is gone; it must not keep us here.
    process.channel?.unref()
  }

  /** Aborted when the command should end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** What asked first; undefined while nothing did. */
  get reason(): StopReason | undefined {
    return this.#reason
  }

  /** What a command exits with that was ended before it was done. */
  get exitCode(): ExitCode {
    if (this.#reason === 'SIGINT') return ExitCode.interrupted
    return this.#reason === 'SIGHUP' ? ExitCode.hangUp : ExitCode.terminated
  }

  [Symbol.dispose](): void {
    for (const [reason, listener] of this.#listeners) process.off(reason as NodeJS.Signals, listener)
  }

  #onRequest(reason: StopReason): void {
    const now = performance.now()
    if (this.#reason === undefined) {
      this.#reason = reason
      this.#firstAt = now
      this.#controller.abort(new Error(reason))
    } else if (reason === 'SIGINT' && now - this.#firstAt > SAME_PRESS_MS) {
      this.#endAtOnce()
    }
  }

  /**
   * `process.exit` waits for every thread, and one may hang in the system: a sync of a disk that does not answer, an open of a pipe. So
   * the process dies of the signal, as it would had it never listened; to a shell that is {@link ExitCode.interrupted} all the same.
   */
  #endAtOnce(): void {
    this.#lastWords()
    process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}disruptorx: ended at once by Ctrl-C\n`)
    process.removeAllListeners('SIGINT')
    process.kill(process.pid, 'SIGINT')
    // Should anything have kept that signal from its default.
    process.kill(process.pid, 'SIGKILL')
  }
}
