import { UNKNOWN } from './model.ts'
import type { Operation } from './operation.ts'

/** An operation under way. One of its methods is to be called, once. */
export interface PendingOperation<Output> {
  /** Its output has come back. */
  returned(output: Output): void
  /** It surely did not happen: it was refused. It is left out of the history. */
  refused(): void
}

/**
 * Writes down what clients did. Operations that are neither returned nor refused in the end are {@link UNKNOWN}.
 *
 * Moments are counted, not measured: what was recorded first came first, which is exact where all clients are recorded by one thread.
 */
export class HistoryRecorder<Input, Output> {
  readonly #entries = new Map<number, Operation<Input, Output>>()
  #moment = 0

  /** A client asks for something: to be called before it is sent. */
  call(client: number | string, input: Input): PendingOperation<Output> {
    const calledAt = this.#moment++
    const entries = this.#entries
    entries.set(calledAt, { client, input, output: UNKNOWN, calledAt, returnedAt: Infinity })
    const pending = () => entries.get(calledAt)?.output === UNKNOWN
    return {
      returned: output => {
        if (pending()) entries.set(calledAt, { client, input, output, calledAt, returnedAt: this.#moment++ })
      },
      refused: () => {
        if (pending()) entries.delete(calledAt)
      },
    }
  }

  /** What was recorded until now, in the order of the calls. */
  get operations(): readonly Operation<Input, Output>[] {
    return [...this.#entries.values()]
  }
}
