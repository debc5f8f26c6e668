import { describeError } from './describe-error.ts'
import { ExitCode } from './exit-codes.ts'
import { run } from './run.ts'

/** Runs the command with this process's arguments, and ends the process. */
export async function main(): Promise<void> {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, endBadly)
  // Whatever a failed node or an unread input still holds open must not keep the process.
  exit(await run(process.argv.slice(2)))
}

function endBadly(error: unknown): void {
  process.stderr.write(`disruptorx: ${describeError(error)}\n`)
  if (process.env.DISRUPTORX_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  exit(ExitCode.failed)
}

/** The way out waits for threads, and one may hang in the system. Nobody hears a signal meanwhile, so that signals must end it by themselves. */
function exit(exitCode: ExitCode): never {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal)
  process.exit(exitCode)
}
