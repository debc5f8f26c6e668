import { OptionError } from '@disruptorx/contracts'
import { RecordTooLargeError } from '../errors.ts'

/** Up to so many bytes a loop beats a bulk copy. */
const BULK_BYTES = 48

/** Refuses a length that no record of the ring can have. */
export function refuseLength(length: number, most: number): never {
  if (Number.isSafeInteger(length) && length > most) throw new RecordTooLargeError(length, most)
  throw new OptionError('length', length, `a whole number from 0 to ${most}`)
}

/** Copies a record into a ring. */
export function copyRecord(record: Uint8Array, bytes: Uint8Array, at: number): void {
  const { length } = record
  if (length > BULK_BYTES) bytes.set(record, at)
  else for (let index = 0; index < length; index++) bytes[at + index] = record[index] as number
}
