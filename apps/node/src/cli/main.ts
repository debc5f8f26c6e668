import { describeError } from './describe-error.ts'
import { ExitCode } from './exit-codes.ts'
import { run } from './run.ts'

/** Runs the command with this process's arguments, and ends the process. */
export async function main(): Promise<void> {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, endBadly)
  // Whatever a failed node or an unread input still holds open must not keep the process.
  process.exit(await run(process.argv.slice(2)))
}

function endBadly(error: unknown): void {
  process.stderr.write(`disruptorx: ${describeError(error)}\n`)
  if (process.env.DISRUPTORX_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exit(ExitCode.failed)
}
