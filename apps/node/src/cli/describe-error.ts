import { isDisruptorError } from 'disruptorx/contracts'
import { CommandError } from './errors.ts'
import { ExitCode } from './exit-codes.ts'

/** What the system's error names mean to whoever reads one line. */
const meanings: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'already in use',
  EDQUOT: 'disk quota exceeded: make room, then run the same command again',
  EEXIST: 'it already exists',
  EFBIG: 'file size limit reached: raise it (ulimit -f), then run the same command again',
  EIO: 'the disk reported an input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'the system has too many open files',
  ENOENT: 'it does not exist',
  ENOSPC: 'disk full: make room, then run the same command again',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
}

/** The system's code of an error, such as `ENOSPC`, its own or that of its nearest cause that has one. */
export function systemCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 8; depth++) {
    const { code, cause, details, message } = at as {
      code?: unknown
      cause?: unknown
      details?: Record<string, unknown>
      message?: unknown
    }
    for (const known of [code, details?.code, details?.cause]) if (typeof known === 'string' && Object.hasOwn(meanings, known)) return known
    // An error that crossed a thread keeps its message, not its cause.
    const told = typeof message === 'string' ? /\b(E[A-Z]{3,12})\b/.exec(message)?.[1] : undefined
    if (told !== undefined && Object.hasOwn(meanings, told)) return told
    at = cause
  }
  return undefined
}

/** A sentence for a system's error code; the code itself where it is not a common one. */
export function meaningOf(code: string): string {
  return meanings[code] ?? code
}

/** One line for people: what happened and, where it is known, what to do. */
export function describeError(error: unknown): string {
  return oneLine(messageOf(error))
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message
  const system = systemCode(error)
  if (isDisruptorError(error)) {
    return system === 'ENOSPC' || system === 'EDQUOT' ? `${meaningOf(system)} (${error.message})` : error.message
  }
  if (!(error instanceof Error)) return String(error)
  const { path } = error as NodeJS.ErrnoException
  if (system !== undefined) return path === undefined ? meaningOf(system) : `${path}: ${meaningOf(system)}`
  return `unexpected error: ${error.message} (DISRUPTORX_DEBUG=1 shows where)`
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}

/** What the process exits with after this error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode
  return isDisruptorError(error, 'DX_OPTION') ? ExitCode.refused : ExitCode.failed
}
