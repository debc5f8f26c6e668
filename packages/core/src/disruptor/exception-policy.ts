import { type Logger, OptionError } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import { type ExceptionHandler, fatalExceptionHandler, ignoreExceptionHandler } from '../processing/exception-handler.ts'

/** An export of a module: how code crosses a thread. */
export interface ModuleExport {
  /** The module, as an absolute URL: `new URL('./policy.js', import.meta.url)`. */
  readonly url: URL | string
  readonly exportName: string
}

/**
 * What becomes of errors of a handler: `fatal`, the default, ends the disruptor; `ignore` logs the error and goes on with the next event. Otherwise an
 * exception handler decides: an object for handlers on the event loop, and for handlers on workers the export of a module that is one.
 */
export type ExceptionPolicy<E> = 'fatal' | 'ignore' | ExceptionHandler<E> | ModuleExport

/** An {@link ExceptionPolicy} that crosses threads. */
export type ThreadExceptionPolicy = 'fatal' | 'ignore' | { readonly url: string; readonly exportName: string }

/** Whether a value is an exception handler. */
export function isExceptionHandler(value: unknown): value is ExceptionHandler<unknown> {
  return typeof value === 'object' && value !== null && 'handleEventException' in value
}

/** Checks a policy, whoever it is for. @throws {OptionError} */
export function checkPolicy<E>(policy: ExceptionPolicy<E>): void {
  if (policy === 'fatal' || policy === 'ignore' || isExceptionHandler(policy)) return
  const shown = typeof policy === 'object' && policy !== null ? `an object with ${Object.keys(policy).join(', ') || 'nothing'}` : policy
  if (typeof policy !== 'object' || policy === null || !('exportName' in policy))
    throw new OptionError('exceptionHandler', shown, "'fatal', 'ignore', an exception handler, or { url, exportName } of one")
  absoluteUrl(policy.url)
  nonEmptyText('exportName', policy.exportName)
}

/** The policy of a handler on a worker. @throws {OptionError} it is an object, which cannot cross threads */
export function policyForThread<E>(name: string, policy: ExceptionPolicy<E>): ThreadExceptionPolicy {
  if (policy === 'fatal' || policy === 'ignore') return policy
  if (!isExceptionHandler(policy))
    return { url: absoluteUrl((policy as ModuleExport).url), exportName: (policy as ModuleExport).exportName }
  throw new OptionError(
    'exceptionHandler',
    'an object',
    `'fatal', 'ignore' or { url, exportName } of one for '${name}', which runs on a worker`,
  )
}

/** The exception handler of a handler on the event loop. @throws {OptionError} it is one for workers */
export function policyForEventLoop<E>(name: string, policy: ExceptionPolicy<E>, logger: Logger): ExceptionHandler<E> {
  if (policy === 'fatal') return fatalExceptionHandler
  if (policy === 'ignore') return ignoreExceptionHandler(logger)
  if (isExceptionHandler(policy)) return policy
  throw new OptionError(
    'exceptionHandler',
    '{ url, exportName }',
    `the exception handler itself for '${name}', which runs on the event loop`,
  )
}

/** A relative address would be looked for beside this package's files, and a letter before the colon is a drive, not a scheme. @throws {OptionError} */
export function absoluteUrl(url: URL | string): string {
  const text = String(url)
  if (!/^[a-z][a-z\d+.-]+:/i.test(text))
    throw new OptionError('url', text, "an absolute URL, such as new URL('./handlers.js', import.meta.url)")
  return text
}
