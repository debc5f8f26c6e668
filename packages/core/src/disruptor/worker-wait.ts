import { OptionError } from '@disruptorx/contracts'
import { createWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'

/** Checks how workers shall wait before there are any. Whether a module and its export are there, only its thread can tell. @throws {OptionError} */
export function checkWorkerWait(choice: WaitStrategyHandle): void {
  if (typeof choice === 'object' && choice !== null) {
    if ('waitFor' in choice)
      throw new OptionError(
        'waitStrategy',
        'an object with waitFor',
        "{ kind: 'custom', url, exportName } of it: code does not cross threads",
      )
    if (choice.kind === 'custom') return
  }
  createWaitStrategy(choice)
}
