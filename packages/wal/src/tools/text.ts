import { segmentName } from '../errors.ts'
import type { DumpedDamage, DumpedRecord } from './dump.ts'
import type { InspectedLog, InspectedSegment, JournalInspection } from './inspect.ts'
import type { JournalProblem, JournalVerification } from './verification.ts'

const grouped = new Intl.NumberFormat('en-US')
const count = (value: number) => grouped.format(value)

/** `3.4 MiB` */
function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  let scaled = bytes
  let unit = 0
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return unit === 0 ? `${bytes} bytes` : `${scaled.toFixed(1)} ${units[unit]}`
}

const known = (value: number | undefined) => (value === undefined ? '?' : count(value))
const some = (value: number, what: string) => `${count(value)} ${what}${value === 1 ? '' : 's'}`

/** Rows under a heading, numbers to the right. */
function table(heading: readonly string[], rows: readonly (readonly string[])[], left: ReadonlySet<number> = new Set()): string[] {
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map(row => (row[i] ?? '').length)))
  return [heading, ...rows].map(row =>
    row
      .map((cell, i) => (left.has(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('   ')
      .trimEnd(),
  )
}

/** What an inspection found, for people: lines without a line break at the end. */
export function inspectionText(found: JournalInspection): string {
  const { segments, logs, lastLsn, provenLsn } = found
  const spares = found.spares === 0 ? '' : `, ${some(found.spares, 'spare file')}`
  const holder =
    found.holder === undefined ? 'nobody, as far as the directory says' : `process ${found.holder}, as far as the directory says`
  const state = found.closed ? 'closed in good order' : 'not closed: it is being written, or its writer died'
  const lines = [
    `journal    ${found.journalId}, format ${found.format}, in ${found.dir}`,
    ...(found.isArchive ? ['state      an archive: full segments of a journal'] : [`state      ${state}`, `held by    ${holder}`]),
    `files      ${some(segments.length, 'segment')}${spares}, ${size(found.bytes)} in all`,
    lastLsn < found.firstLsn
      ? `LSN        nothing written yet; the first is ${count(found.firstLsn)}`
      : `LSN        ${count(found.firstLsn)} to ${count(lastLsn)}; the files prove everything up to ${count(provenLsn)} durable`,
  ]
  if (found.unfinishedBytes > 0) lines.push(`tail       ${size(found.unfinishedBytes)} of a write that is under way or never finished`)
  if (found.missing.length > 0) lines.push(`MISSING    ${found.missing.map(id => `segment ${segmentName(id)}`).join(', ')}`)
  if (found.damage !== undefined)
    lines.push(`DAMAGED    ${placeText(found.damage)}: ${found.damage.reason}; the logs are shown as far as they can be`)
  if (found.isEncrypted) lines.push('encrypted  the logs are shown as the newest segment began')
  lines.push('', ...segmentTable(segments), '')
  lines.push(...(logs.length === 0 ? ['no logs'] : logTable(logs)))
  return lines.join('\n')
}

function segmentTable(segments: readonly InspectedSegment[]): string[] {
  const rows = segments.map(({ segment, bytes, firstLsn, lastLsn, epoch, usedBytes, keyId }) => {
    const records = lastLsn === undefined ? undefined : lastLsn - firstLsn + 1
    const use = usedBytes === undefined ? 'sealed' : `newest, ${size(usedBytes)} used`
    const key = keyId === undefined ? '' : `, encrypted with ${keyId}`
    return [
      segmentName(segment),
      size(bytes),
      records === 0 ? '-' : count(firstLsn),
      records === 0 ? '-' : known(lastLsn),
      known(records),
      String(epoch),
      use + key,
    ]
  })
  return table(['segment', 'size', 'first LSN', 'last LSN', 'records', 'epoch', 'use'], rows, new Set([0, 6]))
}

function logTable(logs: readonly InspectedLog[]): string[] {
  const rows = logs.map(({ log, firstIndex, lastIndex, lastTerm, snapshotIndex, snapshotTerm, values }) => [
    String(log),
    count(Math.max(0, lastIndex - firstIndex + 1)),
    count(firstIndex),
    count(lastIndex),
    count(lastTerm),
    snapshotIndex === undefined ? '-' : `${count(snapshotIndex)} (term ${snapshotTerm})`,
    values.length === 0 ? '-' : values.join(', '),
  ])
  return table(['log', 'entries', 'first index', 'last index', 'last term', 'snapshot', 'values'], rows, new Set([5, 6]))
}

/** What a verification found, for people: lines without a line break at the end. */
export function verificationText(found: JournalVerification): string {
  const { dir, problems, problemCount, notes } = found
  const read = `${some(found.segments, 'segment')}, ${some(found.batches, 'batch').replace('batchs', 'batches')}, ${some(found.records, 'record')}`
  const lines = problems.map(problem => `DAMAGED  ${problemText(problem)}`)
  if (problemCount > problems.length) lines.push(`DAMAGED  and ${count(problemCount - problems.length)} more places`)
  lines.push(...notes.map(note => `note     ${placeText(note)}: ${note.what}`))
  const verdict = problemCount === 0 ? 'sound' : `damaged in ${some(problemCount, 'place')}; restore a backup, or ask a replica`
  const range = found.records === 0 ? '' : `, LSN ${count(found.firstLsn)} to ${count(found.lastLsn)}`
  lines.push(`${dir}: ${read}${range}: ${verdict}`)
  return lines.join('\n')
}

/** One problem in one line. */
function problemText({ segment, offset, what, lostLsns, lostEntries }: JournalProblem): string {
  const lost = [
    ...(lostLsns === undefined ? [] : [`LSN ${rangeText(lostLsns)}`]),
    ...lostEntries.map(({ logId, ...range }) => `${range.from === range.to ? 'entry' : 'entries'} ${rangeText(range)} of log ${logId}`),
  ]
  return `${placeText({ segment, offset })}: ${what}${lost.length === 0 ? '' : `; cannot be read: ${lost.join(', ')}`}`
}

function placeText({ segment, offset }: { readonly segment: number; readonly offset: number | undefined }): string {
  return offset === undefined ? `segment ${segmentName(segment)}` : `segment ${segmentName(segment)} at ${count(offset)}`
}

function rangeText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? count(from) : `${count(from)} to ${count(to)}`
}

/** What a dumped record looks like as one line of JSON, without a line break. Bytes that are text are shown as text, others in base64. */
export function recordText(record: DumpedRecord | DumpedDamage, withData = true): string {
  if (record.kind === 'damage') return JSON.stringify(record)
  const { lsn, segment, offset, kind, log, index, term, data, name, value } = record
  const place = { lsn, segment, offset, kind }
  if (kind === 'opened' || kind === 'closed') return JSON.stringify(place)
  const bytes = data ?? value
  const content = bytes === undefined ? {} : { bytes: bytes.length, ...(withData ? contentOf(bytes) : {}) }
  const numbers = kind === 'value' || kind === 'drop' ? { name } : { index, term }
  return JSON.stringify({ ...place, log, ...numbers, ...content })
}

function contentOf(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    // Control characters, but for tab and line breaks, are no text.
    if (!/[^\P{Cc}\t\n\r]/u.test(text)) return { text }
  } catch {
    // Not UTF-8.
  }
  return { base64: toBase64(bytes) }
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
