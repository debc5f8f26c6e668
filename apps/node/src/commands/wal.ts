import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDisruptorError } from 'disruptorx/contracts'
import {
  type DumpOptions,
  dumpJournal,
  inspectionText,
  inspectJournal,
  type LookOptions,
  type RecordKind,
  recordKinds,
  recordText,
  verificationText,
  verifyJournal,
} from 'disruptorx/wal/tools'
import type { CommandContext } from '../cli/context.ts'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
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
  const found = await looking(() => inspectJournal(journalDir(named, context), keysOf(flags, context)))
  context.out.line(flags.json === true ? JSON.stringify(found) : inspectionText(found))
  return ExitCode.done
}

/** `disruptorx wal verify DIR`: what is wrong with a journal, and where. Exits with 1 when something is. */
export async function walVerify(named: string, flags: WalFlags, context: CommandContext): Promise<ExitCode> {
  const keys = keysOf(flags, context)
  using stop = new StopRequest()
  try {
    const found = await looking(() => verifyJournal(journalDir(named, context), { signal: stop.signal, ...keys }))
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
  const options: DumpOptions = { ...filterOf(flags), ...keysOf(flags, context) }
  using stop = new StopRequest()
  let isDamaged = false
  let printed = 0
  await looking(async () => {
    for await (const record of dumpJournal(journalDir(named, context), options)) {
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

const KEY_BYTES = 32

/** The keys that were named as `NAME=FILE`. @throws {UsageError} */
export function keysOf(flags: WalFlags, { cwd }: CommandContext): LookOptions {
  const named = (listOf(flags.key) ?? []).map(text => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--key is '${text}'; it must be NAME=FILE`)
    return [text.slice(0, at), readKey(text.slice(at + 1), cwd)] as const
  })
  const [first] = named
  return first === undefined ? {} : { encryption: { write: first[0], keys: Object.fromEntries(named) } }
}

/** A key from a file: its 32 bytes, or 64 hexadecimal digits. */
function readKey(file: string, cwd: string): Uint8Array {
  let content: Buffer
  try {
    content = readFileSync(resolve(cwd, file))
  } catch (error) {
    throw new UsageError(`cannot read the key in ${file}: ${meaningOf(systemCode(error) ?? String(error))}`)
  }
  if (content.length === KEY_BYTES) return content
  const text = content.toString('latin1').trim()
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  throw new UsageError(`${file} holds no key; a key is 32 bytes, or 64 hexadecimal digits`)
}

function filterOf(flags: WalFlags): DumpOptions {
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
