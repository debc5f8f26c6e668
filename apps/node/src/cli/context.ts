import type { Readable } from 'node:stream'
import { Output } from './output.ts'

/** What a command has to do with the outside. */
export interface CommandContext {
  readonly out: Output
  readonly err: Output
  /** Standard input, opened on first use: a process that never reads it must not be kept by it. */
  readonly stdin: () => Readable
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** The context of this process. */
export function processContext(): CommandContext {
  return {
    out: new Output(process.stdout),
    err: new Output(process.stderr),
    stdin: () => process.stdin,
    env: process.env,
    cwd: process.cwd(),
  }
}
