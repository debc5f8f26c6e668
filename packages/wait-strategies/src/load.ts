import { DisruptorError, OptionError, type WaitStrategy } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import { createWaitStrategy, isWaitStrategy, type WaitStrategyPorts } from './create.ts'
import { defaultWaitStrategy, type WaitStrategyHandle } from './handle.ts'

/** The module of a wait strategy is not there, or threw when it was loaded: see `cause`. */
export class StrategyModuleError extends DisruptorError {
  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super('DX_STRATEGY_MODULE', `the module of the wait strategy, ${url}, cannot be loaded: ${reason}`, { url }, { cause })
  }
}

/** The module of a wait strategy has no such export, or the export neither is nor makes a wait strategy. */
export class StrategyExportError extends DisruptorError {
  constructor(url: string, exportName: string, found: string, exports: string) {
    super(
      'DX_STRATEGY_EXPORT',
      `export ${exportName} of ${url} is ${found}; it must be an object with waitFor, or a function that makes one; the module exports ${exports}`,
      { url, exportName, found, exports },
    )
  }
}

/**
 * Makes a wait strategy for the calling thread from a handle of any kind: {@link createWaitStrategy} for those that may come from a module.
 *
 * @throws {OptionError} an unknown kind, a number out of its range, a URL that is not absolute
 * @throws {StrategyModuleError | StrategyExportError} the module or its export is not what the handle says
 * @throws whatever the module's function throws
 */
export async function loadWaitStrategy(
  choice: WaitStrategyHandle | WaitStrategy = defaultWaitStrategy,
  ports: WaitStrategyPorts = {},
): Promise<WaitStrategy> {
  if (typeof choice !== 'object' || choice === null || !('kind' in choice) || choice.kind !== 'custom')
    return createWaitStrategy(choice, ports)
  const url = nonEmptyText('url', choice.url)
  if (!URL.canParse(url)) throw new OptionError('url', url, "an absolute URL, such as new URL('./my-strategy.js', import.meta.url).href")
  const exportName = nonEmptyText('exportName', choice.exportName)
  const module = await importModule(url)
  const found = module[exportName]
  const made: unknown = typeof found === 'function' ? await found(choice.argument) : found
  if (isWaitStrategy(made)) return made
  const what = typeof found === 'function' ? `a function that made ${nameOf(made)}` : nameOf(found)
  throw new StrategyExportError(url, exportName, what, Object.keys(module).join(', ') || 'nothing')
}

async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as Record<string, unknown>
  } catch (error) {
    throw new StrategyModuleError(url, error)
  }
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'missing'
  return value === null ? 'null' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
