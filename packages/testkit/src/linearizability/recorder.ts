import { DisruptorError, OptionError } from '@disruptorx/contracts'
import { checkClient } from './check-operations.ts'
import { UNKNOWN } from './model.ts'
import type { Operation } from './operation.ts'

/** How an operation ended, where that is known. */
type End = 'returned' | 'refused'

/** An operation was said to end a second time: what a client saw is then not what was recorded. Code `DX_HISTORY`. */
export class HistoryError extends DisruptorError {
  constructor(client: number | string, calledAt: number, before: End, now: End) {
    const message = `the operation that client ${client} called at moment ${calledAt} was ${before} and cannot be ${now} now; it ends once`
    super('DX_HISTORY', message, { client, calledAt, before, now })
  }
}

/** An operation under way. One of its methods is to be called, once; none if nobody knows what became of it. */
export interface PendingOperation<Output> {
  /**
   * Its output has come back.
   *
   * @throws {HistoryError} it had returned or was refused
   * @throws {OptionError} the output is {@link UNKNOWN}
   */
  returned(output: Output): void
  /**
   * It surely did not happen: it was refused. It is left out of the history.
   *
   * @throws {HistoryError} it had returned or was refused
   */
  refused(): void
}

/**
 * Writes down what clients did. Operations that are neither returned nor refused in the end are {@link UNKNOWN}.
 *
 * Moments are counted, not measured: what was recorded first came first, which is exact where all clients are recorded by one thread. Inputs and outputs are
 * kept as they are, not copied: an object that is changed afterwards changes what was recorded.
 */
export class HistoryRecorder<Input, Output> {
  readonly #entries = new Map<number, Operation<Input, Output>>()
  #moment = 0

  /**
   * A client asks for something: to be called before it is sent.
   *
   * @throws {OptionError} the client is neither a number nor a text
   */
  call(client: number | string, input: Input): PendingOperation<Output> {
    checkClient('client', client)
    const calledAt = this.#moment++
    const entries = this.#entries
    entries.set(calledAt, { client, input, output: UNKNOWN, calledAt, returnedAt: Infinity })
    let ended: End | undefined
    const end = (now: End) => {
      if (ended !== undefined) throw new HistoryError(client, calledAt, ended, now)
      ended = now
    }
    return {
      returned: output => {
        if (output === UNKNOWN)
          throw new OptionError('output', output, 'what came back; where nobody saw that, `returned` is not to be called')
        end('returned')
        entries.set(calledAt, { client, input, output, calledAt, returnedAt: this.#moment++ })
      },
      refused: () => {
        end('refused')
        entries.delete(calledAt)
      },
    }
  }

  /** What was recorded until now, in the order of the calls. */
  get operations(): readonly Operation<Input, Output>[] {
    return [...this.#entries.values()]
  }
}
