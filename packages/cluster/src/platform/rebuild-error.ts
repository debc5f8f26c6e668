import { type DisruptorError, isDisruptorError } from '@disruptorx/contracts'
import { type ErrorData, errorFromData, errorToData } from '@disruptorx/contracts/internal'
import { walErrors } from '@disruptorx/wal'
import { AppError, AppHaltedError, AppMismatchError, LogGapError, SnapshotError } from '../errors.ts'

const classes = {
  ...walErrors,
  DX_APP: AppError,
  DX_APP_HALTED: AppHaltedError,
  DX_APP_MISMATCH: AppMismatchError,
  DX_SNAPSHOT: SnapshotError,
  DX_LOG_GAP: LogGapError,
}

/** Rebuilds an error of a node's thread as its class. */
export function rebuildError(data: ErrorData): DisruptorError {
  return errorFromData(data, classes)
}

/** What this thread caught, as an error of ours: as it would be had it crossed from another thread. */
export function ownError(thrown: unknown): DisruptorError {
  return isDisruptorError(thrown) ? thrown : rebuildError(errorToData(thrown))
}
