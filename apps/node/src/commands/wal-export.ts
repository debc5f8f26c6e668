import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ExportOptions, exportEntries } from 'disruptorx/wal/tools'
import type { CommandContext } from '../cli/context.ts'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { CommandError, UsageError } from '../cli/errors.ts'
import { ExitCode } from '../cli/exit-codes.ts'
import { StopRequest } from '../cli/stop-request.ts'
import { bytes, count } from '../view/format.ts'
import { journalDir, keysOf, looking, numberOf, type WalFlags } from './wal.ts'

/** How entries are told apart in the file: by their length in front (u32, little-endian), by a line feed behind, or not at all. */
const framings = ['length', 'line', 'none'] as const

type Framing = (typeof framings)[number]

const LINE_FEED = new Uint8Array([10])
const NOTHING = new Uint8Array(0)

/** What was written. */
interface Written {
  readonly entries: number
  readonly bytes: number
}

/** `disruptorx wal export DIR FILE --log N`: the raw entries of a log. */
export async function walExport(named: string, file: string, flags: WalFlags, context: CommandContext): Promise<ExitCode> {
  const log = numberOf('log', flags.log)
  if (log === undefined) throw new UsageError('--log is missing; `disruptorx wal inspect` lists the logs')
  const framing = framingOf(flags.framing)
  const [from, to] = [numberOf('from', flags.from), numberOf('to', flags.to)]
  const options: ExportOptions = {
    log,
    ...keysOf(flags, context),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
  using stop = new StopRequest()
  const dir = journalDir(named, context)
  const written = await looking(() =>
    file === '-'
      ? toStandardOutput(dir, options, framing, context, stop)
      : toFile(dir, options, framing, file, resolve(context.cwd, file), flags.force === true, stop),
  )
  if (written === undefined) return stop.exitCode
  context.err.line(
    `${file}: ${count(written.entries)} ${written.entries === 1 ? 'entry' : 'entries'} of log ${log}, ${bytes(written.bytes)}`,
  )
  return ExitCode.done
}

function framingOf(value: WalFlags[string]): Framing {
  const framing = framings.find(each => each === (value ?? 'length'))
  if (framing === undefined) throw new UsageError(`--framing is '${String(value)}'; it must be one of ${framings.join(', ')}`)
  return framing
}

/** The parts of an export, one behind the other; `undefined` once it was asked to end. */
async function* parts(dir: string, options: ExportOptions, framing: Framing, stop: StopRequest): AsyncGenerator<Uint8Array | undefined> {
  for await (const { data } of exportEntries(dir, options)) {
    if (stop.signal.aborted) yield undefined
    const head = framing === 'length' ? lengthOf(data) : NOTHING
    yield Buffer.concat([head, data, framing === 'line' ? LINE_FEED : NOTHING])
  }
}

function lengthOf(data: Uint8Array): Uint8Array {
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, data.length, true)
  return head
}

async function toStandardOutput(
  dir: string,
  options: ExportOptions,
  framing: Framing,
  { out }: CommandContext,
  stop: StopRequest,
): Promise<Written | undefined> {
  let [entries, length] = [0, 0]
  for await (const part of parts(dir, options, framing, stop)) {
    if (part === undefined) return undefined
    if (out.broken) break
    if (!out.write(part)) await out.drained()
    entries++
    length += part.length
  }
  return { entries, bytes: length }
}

/** Writes beside the name and renames at the end, so that an export that failed leaves no half file. */
async function toFile(
  dir: string,
  options: ExportOptions,
  framing: Framing,
  name: string,
  path: string,
  force: boolean,
  stop: StopRequest,
): Promise<Written | undefined> {
  const target = await stat(path).catch(() => undefined)
  if (target?.isDirectory()) throw new UsageError(`${name} is a directory; name a file`)
  if (target !== undefined && !force) throw new UsageError(`${name} already exists; --force overwrites it`)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const handle = await opened(name, temporary)
    let written: Written | undefined
    try {
      written = await writeAll(handle, parts(dir, options, framing, stop))
      if (written !== undefined) await handle.sync()
    } finally {
      await handle.close()
    }
    if (written !== undefined) await rename(temporary, path)
    return written
  } finally {
    await rm(temporary, { force: true })
  }
}

async function opened(name: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    const code = systemCode(error) ?? ''
    const why = code === 'ENOENT' ? 'its directory does not exist' : meaningOf(code)
    throw new CommandError('DX_EXPORT', `cannot write ${name}: ${why}`, ExitCode.failed, { file: path, code })
  }
}

async function writeAll(handle: FileHandle, all: AsyncIterable<Uint8Array | undefined>): Promise<Written | undefined> {
  let [entries, length] = [0, 0]
  for await (const part of all) {
    if (part === undefined) return undefined
    for (let at = 0; at < part.length; ) at += (await handle.write(part, at, part.length - at)).bytesWritten
    entries++
    length += part.length
  }
  return { entries, bytes: length }
}
