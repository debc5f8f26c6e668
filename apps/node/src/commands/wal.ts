import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDisruptorError } from 'disruptorx/contracts'
import {
  type DumpFilter,
  dumpJournal,
  inspectionText,
  inspectJournal,
  type RecordKind,
  recordKinds,
  recordText,
  verificationText,
  verifyJournal,
} from 'disruptorx/wal/tools'
import type { CommandContext } from '../cli/context.ts'
import { UsageError } from '../cli/errors.ts'
import { ExitCode } from '../cli/exit-codes.ts'
import { StopRequest } from '../cli/stop-request.ts'

/** Flags of the `wal` commands as they were typed. */
export type WalFlags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** A journal's directory as it was named, or the journal in it where a node's data directory was named. */
export function journalDir(named: string, { cwd }: CommandContext): string {
  const dir = resolve(cwd, named)
  const inside = join(dir, 'journal')
  return existsSync(inside) ? inside : dir
}

/** `disruptorx wal inspect DIR`: what a journal holds. */
export async function walInspect(named: string, flags: WalFlags, context: CommandContext): Promise<ExitCode> {
  const found = await looking(() => inspectJournal(journalDir(named, context)))
  context.out.line(flags.json === true ? JSON.stringify(found) : inspectionText(found))
  return ExitCode.done
}

/** `disruptorx wal verify DIR`: what is wrong with a journal, and where. Exits with 1 when something is. */
export async function walVerify(named: string, flags: WalFlags, context: CommandContext): Promise<ExitCode> {
  using stop = new StopRequest()
  try {
    const found = await looking(() => verifyJournal(journalDir(named, context), { signal: stop.signal }))
    context.out.line(flags.json === true ? JSON.stringify(found) : verificationText(found))
    return found.problemCount > 0 ? ExitCode.failed : ExitCode.done
  } catch (error) {
    if (stop.signal.aborted) return stop.exitCode
    throw error
  }
}

/** `disruptorx wal dump DIR`: records as lines of JSON. Exits with 1 when some cannot be read. */
export async function walDump(named: string, flags: WalFlags, context: CommandContext): Promise<ExitCode> {
  const { out } = context
  const limit = numberOf('limit', flags.limit) ?? Number.POSITIVE_INFINITY
  const filter = filterOf(flags)
  using stop = new StopRequest()
  let isDamaged = false
  let printed = 0
  await looking(async () => {
    for await (const record of dumpJournal(journalDir(named, context), filter)) {
      if (printed++ >= limit || stop.signal.aborted || out.broken) return
      isDamaged ||= record.kind === 'damage'
      if (!out.write(`${recordText(record, flags.data !== false)}\n`)) await out.drained()
    }
  })
  if (stop.signal.aborted) return stop.exitCode
  return isDamaged ? ExitCode.failed : ExitCode.done
}

/** What was asked of something that is not there was asked wrongly. */
export async function looking<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    for (const code of ['DX_NO_JOURNAL', 'DX_NO_LOG', 'DX_INDEX_TRUNCATED', 'DX_INDEX_PAST_END'])
      if (isDisruptorError(error, code)) throw new UsageError(error.message, error.details)
    throw error
  }
}

/** A whole number as it was typed. @throws {UsageError} */
export function numberOf(flag: string, value: WalFlags[string]): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (typeof value !== 'string' || !/^\d+$/.test(value) || !Number.isSafeInteger(number))
    throw new UsageError(`--${flag} is '${String(value)}'; it must be a whole number`)
  return number
}

function filterOf(flags: WalFlags): DumpFilter {
  const bounds = {
    fromLsn: numberOf('from-lsn', flags.fromLsn),
    toLsn: numberOf('to-lsn', flags.toLsn),
    fromIndex: numberOf('from', flags.from),
    toIndex: numberOf('to', flags.to),
    logs: listOf(flags.log)?.map(log => numberOf('log', log) as number),
    kinds: listOf(flags.kind)?.map(kindOf),
  }
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined))
}

function listOf(value: WalFlags[string]): readonly string[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function kindOf(kind: string): RecordKind {
  const known = recordKinds.find(each => each === kind)
  if (known === undefined) throw new UsageError(`--kind is '${kind}'; it must be one of ${recordKinds.join(', ')}`)
  return known
}
