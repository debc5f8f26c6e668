import { isDisruptorError } from '@disruptorx/contracts'

/** Whether an error is the disk's: a process that ends with it did right. */
export function isOfDisk(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (isDisruptorError(error, 'DX_JOURNAL_STOPPED') || isDisruptorError(error, 'DX_DISK_FULL')) return isOfDisk(cause)
  return code === 'EIO' || code === 'ENOSPC'
}
