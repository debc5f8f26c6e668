import { DisruptorError } from '@disruptorx/contracts'
import { currentThread } from './platform/current-thread.ts'

export { BlockingForbiddenError } from '@disruptorx/wait-strategies'

/** Shared memory is not what whoever attaches to it expects: another thing, another version, another layout, another size. */
export class AttachError extends DisruptorError {
  constructor(what: string, property: string, found: string | number, expected: string | number) {
    super(
      'DX_ATTACH',
      `cannot attach to the ${what}: its ${property} is ${found}, expected ${expected}; attach to the memory it was made for`,
      {
        what,
        property,
        found,
        expected,
      },
    )
  }
}

/** Every place of a fixed table is taken. */
export class TableFullError extends DisruptorError {
  constructor(what: string, option: string, size: number) {
    super('DX_TABLE_FULL', `all ${size} ${what} are taken; close one, or create with a larger ${option}`, { what, option, size })
  }
}

/** A side of a ring that only one thread may hold is held already. */
export class RoleTakenError extends DisruptorError {
  /** @param instead what else there is, as in "or create it with producers: 'multi'" */
  constructor(what: string, role: string, instead: string, thread?: number) {
    const holder = thread === undefined ? '' : ` on thread ${thread}${thread === currentThread() ? ', this one' : ''}`
    super('DX_ROLE_TAKEN', `the ${what} has a ${role} already${holder}, and allows one at a time; close that one first, ${instead}`, {
      what,
      role,
      ...(thread !== undefined && { thread }),
    })
  }
}

/** A record is longer than this ring can ever hold. */
export class RecordTooLargeError extends DisruptorError {
  constructor(length: number, most: number) {
    super('DX_RECORD_TOO_LARGE', `a record of ${length} bytes can never fit: the most is ${most}; make the ring larger`, { length, most })
  }
}

/** A participant was asked to move its sequence to a place where it cannot be. */
export class SequenceRangeError extends DisruptorError {
  constructor(what: string, sequence: number, least: number, most: number) {
    super('DX_SEQUENCE_RANGE', `${what}: sequence ${sequence} is outside of ${least} to ${most}`, { what, sequence, least, most })
  }
}

/** A ring takes no more events, because a handler failed or the ring was halted. */
export class RingHaltedError extends DisruptorError {
  constructor() {
    super(
      'DX_RING_HALTED',
      'the ring was halted, by request or because a handler failed: events are no longer taken; see the error of the disruptor',
    )
  }
}

/** Blocking here would wait for a consumer that runs on this very thread. */
export class WouldDeadlockError extends DisruptorError {
  constructor(what: string) {
    super(
      'DX_WOULD_DEADLOCK',
      `${what} would wait for ever: a consumer that has to make room runs on this thread; use what does not wait for room, or another thread`,
      {
        what,
      },
    )
  }
}

/** A consumer that others come after cannot go away before them. */
export class ConsumerInUseError extends DisruptorError {
  constructor(consumer: number, dependents: number) {
    super('DX_CONSUMER_IN_USE', `consumer ${consumer} cannot be closed: ${dependents} others come after it; close those first`, {
      consumer,
      dependents,
    })
  }
}

/** There are events that no handler will ever see: the disruptor was never started. */
export class NotStartedError extends DisruptorError {
  constructor() {
    super('DX_NOT_STARTED', 'the disruptor holds events and was never started; call start() before shutdown(), or halt() to drop them')
  }
}

/** A worker thread ended without being asked to. */
export class WorkerExitedError extends DisruptorError {
  constructor(what: string, exitCode: number) {
    super('DX_WORKER_EXITED', `${what} ended by itself with exit code ${exitCode}; its handler must not end its process`, {
      what,
      exitCode,
    })
  }
}
