import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { currentThread } from '../platform/current-thread.ts'

/** Checks the number of a thread that is said to have ended. @throws {OptionError} it is no thread's number, or the calling thread's own */
export function checkEnded(thread: number): void {
  if (wholeNumber('thread', thread, 1, 2 ** 31 - 1) === currentThread())
    throw new OptionError('thread', thread, 'a thread that has ended, not this one')
}
