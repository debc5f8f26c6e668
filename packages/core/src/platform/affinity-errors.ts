import { DisruptorError } from '@disruptorx/contracts'

/** Threads cannot be tied to cores here: the operating system, or a missing package, does not let us. */
export class AffinityUnavailableError extends DisruptorError {
  constructor(reason: string, cause?: unknown) {
    super('DX_AFFINITY_UNAVAILABLE', `threads cannot be tied to cores here: ${reason}`, { reason }, { cause })
  }
}
