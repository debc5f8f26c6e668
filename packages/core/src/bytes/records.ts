import { OptionError } from '@disruptorx/contracts'
import { RecordTooLargeError } from '../errors.ts'

/** Up to so many bytes a loop beats a bulk copy. */
const BULK_BYTES = 48

/** Refuses a length that no record of the ring can have. */
export function refuseLength(length: number, most: number): never {
  if (Number.isSafeInteger(length) && length > most) throw new RecordTooLargeError(length, most)
  throw new OptionError('length', length, `a whole number from 0 to ${most}`)
}

/** How long a record is. By its kind and not its class: bytes of another realm do. @throws {OptionError} it is no bytes: text has a length, too */
export function lengthOf(record: Uint8Array): number {
  if (!ArrayBuffer.isView(record)) throw new OptionError('record', typeof record, 'a Uint8Array, such as a TextEncoder makes of text')
  return record.length
}

/** Copies a record into a ring. */
export function copyRecord(record: Uint8Array, bytes: Uint8Array, at: number): void {
  const { length } = record
  if (length > BULK_BYTES) bytes.set(record, at)
  else for (let index = 0; index < length; index++) bytes[at + index] = record[index] as number
}
