/**
 * Looks into a journal's directory without touching it: what it holds, whether it is sound, its records, the entries of a log. No locks are taken and nothing is
 * written, so all of it can be used while somebody writes the journal.
 *
 * @example
 * import { inspectJournal, inspectionText } from '@disruptorx/wal/tools'
 *
 * console.log(inspectionText(await inspectJournal('./orders')))
 * @packageDocumentation
 */
export { type DumpedDamage, type DumpedRecord, type DumpOptions, dumpJournal, type RecordKind, recordKinds } from './tools/dump.ts'
export { NoJournalError, NoLogError } from './tools/errors.ts'
export { type ExportOptions, exportEntries } from './tools/export.ts'
export { type InspectedLog, type InspectedSegment, inspectJournal, type JournalInspection } from './tools/inspect.ts'
export type { LookOptions } from './tools/journal-files.ts'
export type { LostEntries } from './tools/replay.ts'
export { inspectionText, recordText, verificationText } from './tools/text.ts'
export type { JournalNote, JournalProblem, JournalVerification, VerifyOptions } from './tools/verification.ts'
export { verifyJournal } from './tools/verify.ts'
