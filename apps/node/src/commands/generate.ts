import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setImmediate as yieldTurn } from 'node:timers/promises'
import type { CommandContext } from '../cli/context.ts'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { CommandError, UsageError } from '../cli/errors.ts'
import { ExitCode } from '../cli/exit-codes.ts'
import { StopRequest } from '../cli/stop-request.ts'
import type { SettingValues } from '../config/settings.ts'
import { syncDirectory } from '../data-dir/atomic-file.ts'
import { orderLines } from '../feed/order-lines.ts'
import { count } from '../view/format.ts'

const DEFAULT_LINES = 100_000
const DEFAULT_SEED = 1

/** `disruptorx generate FILE|-`: writes order flow in the format of an order file. The same seed and lines give the same bytes everywhere. */
export async function generate(file: string, settings: SettingValues, force: boolean, context: CommandContext): Promise<ExitCode> {
  const { seed = DEFAULT_SEED, lines = DEFAULT_LINES } = settings
  using stop = new StopRequest()
  const chunks = orderLines(seed, lines)
  if (file === '-') return toStandardOutput(chunks, context, stop)
  const complete = await toFile(file, resolve(context.cwd, file), force, chunks, stop)
  if (!complete) return stop.exitCode
  context.err.line(`${file}: ${count(lines)} lines of order flow from seed ${seed}`)
  return ExitCode.done
}

async function toStandardOutput(chunks: Iterable<Uint8Array>, { out }: CommandContext, stop: StopRequest): Promise<ExitCode> {
  for (const chunk of chunks) {
    // Copied: the output may keep it while the next one is made in its place.
    if (!out.write(chunk.slice())) await out.drained()
    await yieldTurn()
    if (stop.signal.aborted) return stop.exitCode
    // Whoever reads has had enough, as `head` does: nothing is wrong.
    if (out.broken) return ExitCode.done
  }
  await out.flushed()
  return ExitCode.done
}

/** Writes beside the name and renames at the end, so that an interrupted run leaves no half file. False when it was asked to end. */
async function toFile(name: string, path: string, force: boolean, chunks: Iterable<Uint8Array>, stop: StopRequest): Promise<boolean> {
  const target = await existing(path)
  if (target?.directory) throw new UsageError(`${name} is a directory; name a file`)
  if (target?.regular && !force) throw new UsageError(`${name} already exists; --force overwrites it`)
  const final = target?.path ?? path
  // A device or a pipe is written to as it is: renaming would put a file in its place.
  const inPlace = target !== undefined && !target.regular
  const temporary = inPlace ? final : `${final}.${process.pid}.tmp`
  let written = false
  try {
    const handle = await open(temporary, inPlace ? 'a' : 'wx')
    try {
      written = await writeAll(handle, chunks, stop)
      if (written && !inPlace) await handle.sync()
    } finally {
      await handle.close()
    }
    if (written && !inPlace) {
      await rename(temporary, final)
      await syncDirectory(dirname(final))
    }
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    const why = code === 'ENOENT' ? 'its directory does not exist' : meaningOf(code)
    throw new CommandError('DX_GENERATE', `cannot write ${name}: ${why}`, ExitCode.failed, { file: path, code })
  } finally {
    if (!inPlace) await rm(temporary, { force: true }).catch(() => {})
  }
  return written
}

async function writeAll(handle: FileHandle, chunks: Iterable<Uint8Array>, stop: StopRequest): Promise<boolean> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten
    if (stop.signal.aborted) return false
  }
  return true
}

async function existing(path: string): Promise<{ path: string; directory: boolean; regular: boolean } | undefined> {
  try {
    const real = await realpath(path)
    const found = await stat(real)
    return { path: real, directory: found.isDirectory(), regular: found.isFile() }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))) return undefined
    throw error
  }
}
