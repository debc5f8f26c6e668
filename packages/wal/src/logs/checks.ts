import { OptionError } from '@disruptorx/contracts'
import { EntryOrderError, IndexPastEndError, IndexTruncatedError } from '../errors.ts'
import type { LogValues } from './log-summary.ts'
import { MOST_VALUE_BYTES, MOST_VALUES, VALUE_NAME } from './summary-bytes.ts'

/** How a log stands, as far as checks of what is asked of it need to know. */
interface Standing {
  readonly logId: number
  readonly firstIndex: number
  readonly lastIndex: number
  readonly baseTerm: number
  readonly lastTerm: number
  readonly snapshotIndex: number
  readonly values: LogValues
  knownTermAt(index: number): number | undefined
}

/** Whether entries after `index` can be removed. @throws {OptionError} {@link IndexTruncatedError} {@link IndexPastEndError} */
export function checkCut(log: Standing, index: number): void {
  checkIndex(index)
  if (index < log.firstIndex - 1) throw new IndexTruncatedError(log.logId, index, log.firstIndex)
  if (index > log.lastIndex) throw new IndexPastEndError(log.logId, index, log.lastIndex)
}

/** Whether entries before `index` can be removed. @throws {OptionError} {@link IndexPastEndError} */
export function checkTrim(log: Standing, index: number): void {
  checkIndex(index)
  if (index > log.lastIndex + 1) throw new IndexPastEndError(log.logId, index, log.lastIndex)
}

/**
 * Whether a log can be made to end at `index`, empty. The term may go back behind what is in the log, which a leader left that lost, but not behind what lies
 * before it.
 *
 * @throws {OptionError} {@link IndexTruncatedError} {@link EntryOrderError}
 */
export function checkReset(log: Standing, index: number, term: number): void {
  checkIndex(index)
  if (index < log.firstIndex - 1) throw new IndexTruncatedError(log.logId, index, log.firstIndex)
  if (!(term >= log.baseTerm) || !Number.isSafeInteger(term)) throw new EntryOrderError(log.logId, index, term, log.lastIndex, log.lastTerm)
}

/** Whether a snapshot can cover everything up to `index`. @throws {OptionError} {@link IndexPastEndError} */
export function checkMark(log: Standing, index: number, term: number): void {
  checkIndex(index)
  if (index > log.lastIndex) throw new IndexPastEndError(log.logId, index, log.lastIndex)
  if (index < log.snapshotIndex) throw new OptionError('index', index, `at least ${log.snapshotIndex}, where the newest snapshot mark is`)
  if (!Number.isSafeInteger(term) || term < 0) throw new OptionError('term', term, 'a whole number')
  const known = log.knownTermAt(index)
  if (known !== undefined && known !== term) throw new OptionError('term', term, `${known}, the term of entry ${index}`)
}

/** Whether a value can be set. @throws {OptionError} */
export function checkValue(log: Standing, name: string, value: Uint8Array): void {
  if (typeof name !== 'string' || !VALUE_NAME.test(name)) throw new OptionError('name', name, '1 to 32 characters of a to z, 0 to 9 and -')
  if (!(value instanceof Uint8Array)) throw new OptionError('value', value, 'bytes')
  if (value.length > MOST_VALUE_BYTES) throw new OptionError('value', value.length, `at most ${MOST_VALUE_BYTES} bytes`)
  if (value.length > 0 && !log.values.has(name) && log.values.size === MOST_VALUES)
    throw new OptionError('name', name, `one of the ${MOST_VALUES} values that the log has, which is as many as it can`)
}

function checkIndex(index: number): void {
  if (!Number.isSafeInteger(index) || index < 0) throw new OptionError('index', index, 'a whole number')
}
