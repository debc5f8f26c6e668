import type { Sequence } from '@disruptorx/contracts'
import { consoleLogger } from '../platform/console-logger.ts'
import type { DisruptorOptions } from './options.ts'

/** Where a disruptor failed. */
export interface FailedAt {
  /** The name of the handler. */
  readonly handler: string
  /**
   * The first event that the handler has not released, which is the one that it threw at, and with which the next start begins. Where it failed between
   * events, in `onStart` say, or its worker was ended, the event is not to blame.
   */
  readonly sequence: Sequence
}

/** What a handler threw, and where: rejects inside a disruptor in place of the error. */
export class Fault {
  readonly error: Error
  readonly at: FailedAt

  /** @param thrown whatever it was, which in JavaScript may be nothing at all */
  constructor(thrown: unknown, at: FailedAt) {
    this.error = (thrown ?? new Error(`handler '${at.handler}' threw ${thrown} at sequence ${at.sequence}`)) as Error
    this.at = at
  }
}

/** Who is told of a failure: what the options say, otherwise the log, as no failure may be silent. */
export function failureReport(options: DisruptorOptions): (fault: Fault) => void {
  const { logger = consoleLogger } = options
  return ({ error, at }) => {
    if (options.onFailure !== undefined) options.onFailure(error, at)
    else logger.error(`handler '${at.handler}' failed at sequence ${at.sequence}; the disruptor ends`, { ...at, error })
  }
}
