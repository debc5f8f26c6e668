import type { Writable } from 'node:stream'

type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

/**
 * One of the process's two outputs, safe against a reader that went away: what is written then is dropped, and `broken` says so.
 * Any other fault, such as a full disk, also sets `fault`.
 */
export class Output {
  readonly #stream: TerminalStream
  readonly #gone = new AbortController()
  #fault: NodeJS.ErrnoException | undefined

  constructor(stream: TerminalStream) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#fault ??= error
      this.#gone.abort()
    })
  }

  /** Whether a person looks at it. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** Characters in a row. */
  get columns(): number {
    return this.#stream.columns || 80
  }

  /** Rows of the terminal. */
  get rows(): number {
    return this.#stream.rows || 24
  }

  /** Whether the reader went away. */
  get broken(): boolean {
    return this.#gone.signal.aborted
  }

  /** Why nothing can be written, where it is not that the reader went away. */
  get fault(): NodeJS.ErrnoException | undefined {
    return this.#fault
  }

  /** Aborted when nothing can be written any more. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Writes a text as it is. False when the reader is slow: wait for {@link drained}. */
  write(text: string | Uint8Array): boolean {
    if (this.broken) return true
    return this.#stream.write(text)
  }

  /** Writes one line. */
  line(text: string): void {
    this.write(`${text}\n`)
  }

  /** Resolves when the reader has taken what was written, or went away. */
  async drained(): Promise<void> {
    if (this.broken || !this.#stream.writableNeedDrain) return
    await new Promise<void>(resolve => {
      const done = () => {
        this.#stream.off('drain', done)
        this.#stream.off('error', done)
        this.#stream.off('close', done)
        resolve()
      }
      this.#stream.on('drain', done)
      this.#stream.on('error', done)
      this.#stream.on('close', done)
    })
  }

  /** Resolves when everything was handed to the system. */
  async flushed(): Promise<void> {
    if (this.broken || this.#stream.destroyed) return
    await new Promise<void>(resolve => {
      this.#stream.once('error', () => resolve())
      this.#stream.write('', () => resolve())
    })
  }
}
