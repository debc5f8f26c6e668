import type { DisruptorError } from '@disruptorx/contracts'
import { type ErrorData, errorFromData } from '@disruptorx/contracts/internal'
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
