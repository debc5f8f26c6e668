import { CommanderError } from 'commander'
import { type CommandContext, processContext } from './context.ts'
import { withDefaultCommand } from './default-command.ts'
import { describeError, exitCodeOf, meaningOf, systemCode } from './describe-error.ts'
import { ExitCode } from './exit-codes.ts'
import { createProgram } from './program.ts'
import { version } from './version.ts'

/**
 * Runs the command `disruptorx` with these arguments, and resolves to what the process should exit with. Never rejects: what goes wrong is
 * told in one line on stderr.
 */
export async function run(argv: readonly string[], context: CommandContext = processContext()): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.done
  try {
    const program = createProgram(context, version, code => {
      exitCode = code
    })
    await program.parseAsync(withDefaultCommand(argv), { from: 'user' })
  } catch (error) {
    exitCode = error instanceof CommanderError ? tellUsage(error, context) : tell(error, context)
  }
  await context.out.flushed()
  return context.out.fault === undefined ? exitCode : tellLostOutput(context.out.fault, context)
}

function tell(error: unknown, { err, env }: CommandContext): ExitCode {
  err.line(`disruptorx: ${describeError(error)}`)
  if (env.DISRUPTORX_DEBUG === '1' && error instanceof Error) err.line(String(error.stack))
  return exitCodeOf(error)
}

/** What was to be read went nowhere, so nothing is done, whatever the command says. */
function tellLostOutput(fault: NodeJS.ErrnoException, { err }: CommandContext): ExitCode {
  err.line(`disruptorx: cannot write to standard output: ${meaningOf(systemCode(fault) ?? fault.message)}`)
  return ExitCode.failed
}

/** Help and version come as errors too, with exit code 0. */
function tellUsage(error: CommanderError, { err }: CommandContext): ExitCode {
  if (error.exitCode === 0) return ExitCode.done
  if (error.message === '(outputHelp)') {
    err.line('disruptorx: there is no help on that: no such command; `disruptorx --help` says which there are')
    return ExitCode.refused
  }
  const [problem = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n')
  const said = suggestion === '' ? problem : `${problem} ${suggestion}`
  err.line(`disruptorx: ${said}; \`disruptorx --help\` and \`disruptorx help COMMAND\` say what there is`)
  return ExitCode.refused
}
