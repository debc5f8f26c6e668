import { DisruptorError } from '@disruptorx/contracts'

/** This thread may not block: the browser's main thread. */
export class BlockingForbiddenError extends DisruptorError {
  constructor(what: string) {
    super('DX_BLOCKING_FORBIDDEN', `${what} would block, which this thread may not; use the form that does not block, or a worker`, {
      what,
    })
  }
}
