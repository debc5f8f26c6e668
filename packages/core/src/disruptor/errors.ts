import { DisruptorError } from '@disruptorx/contracts'

/** What a disruptor is doing. */
export type DisruptorState = 'new' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed' | 'closed'

/** A disruptor cannot do this now. */
export class DisruptorStateError extends DisruptorError {
  constructor(action: string, state: DisruptorState, instead: string) {
    super('DX_STATE', `${action} is not possible while the disruptor is ${state}: ${instead}`, { action, state })
  }
}

/** A disruptor takes no events, because a handler failed, which is the `cause`, or because it was halted. The code is that of a halted ring. */
export class DisruptorHaltedError extends DisruptorError {
  constructor(cause: Error | undefined) {
    const [why, then] = cause === undefined ? ['it was halted', ''] : ['a handler failed, see the cause', ', with the event that failed']
    super('DX_RING_HALTED', `the disruptor takes no events: ${why}; start() goes on${then}`, {}, cause && { cause })
  }
}

/** A disruptor takes no events, because it was shut down, or closed for good. */
export class DisruptorClosedError extends DisruptorError {
  constructor(why: 'shut down' | 'closed') {
    const instead = why === 'closed' ? 'make a new one' : 'start() it again, and take a new publisher()'
    super('DX_CLOSED', `the disruptor takes no events: it was ${why}; ${instead}`, { why })
  }
}

/** `start()` did not come to its end, because the disruptor was stopped meanwhile. */
export class StartInterruptedError extends DisruptorError {
  constructor() {
    super('DX_START_INTERRUPTED', 'the disruptor was stopped while it started; what had started has ended again')
  }
}

/** A handler that others come after cannot be removed before them: they rely on what it does to each event. */
export class HandlerInUseError extends DisruptorError {
  constructor(name: string, dependent: string) {
    super('DX_HANDLER_IN_USE', `'${name}' cannot be removed: '${dependent}' comes after it; remove both in one call, or that one first`, {
      name,
      dependent,
    })
  }
}

/** A handler on the event loop did not end in time: it waits for a promise that does not settle. It cannot be ended by force. */
export class HandlerStuckError extends DisruptorError {
  constructor(name: string, graceMs: number) {
    super('DX_HANDLER_STUCK', `'${name}' did not end within ${graceMs} ms: it waits for a promise that does not settle`, { name, graceMs })
  }
}
