import { DisruptorError, type ErrorDetails } from 'disruptorx/contracts'
import { ExitCode } from './exit-codes.ts'

/** Something that ends a command with one line on stderr. `exitCode` is what the process exits with. */
export class CommandError extends DisruptorError {
  readonly exitCode: ExitCode

  constructor(code: string, message: string, exitCode: ExitCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(code, message, details, options)
    this.exitCode = exitCode
  }
}

/** The command line, the environment or the configuration file says something that cannot be. */
export class UsageError extends CommandError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('DX_USAGE', message, ExitCode.refused, details)
  }
}

/** A file of orders that cannot be read, is none, or is not the one that was read before. Nothing was written. */
export class SourceError extends CommandError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('DX_SOURCE', message, ExitCode.refused, details)
  }
}

/** A data directory that this command cannot or must not use. */
export class DataDirError extends CommandError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('DX_DATA_DIR', message, ExitCode.failed, details)
  }
}
