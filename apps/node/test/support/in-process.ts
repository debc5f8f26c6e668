import { PassThrough } from 'node:stream'
import type { ProcessResult } from '@disruptorx/testkit'
import { Output } from '../../src/cli/output.ts'
import { run } from '../../src/cli/run.ts'

/** Runs a command in this process: for what ends before it opens anything. */
export async function runHere(
  args: readonly string[],
  cwd = process.cwd(),
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> {
  const out = new PassThrough()
  const err = new PassThrough()
  const exitCode = await run(args, { out: new Output(out), err: new Output(err), stdin: () => process.stdin, env, cwd })
  const text = (stream: PassThrough) => String(stream.read() ?? '')
  return { exitCode, signal: undefined, stdout: text(out), stderr: text(err), killedAtLine: undefined }
}
