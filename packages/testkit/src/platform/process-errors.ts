import { DisruptorError } from '@disruptorx/contracts'

/** What a process has written so far. */
interface Outputs {
  readonly stdout: string
  readonly stderr: string
}

/** Enough to see what a program was at, in a test's report. */
const tail = (text: string) => (text.length > 2_000 ? `...${text.slice(-2_000)}` : text)

const shown = ({ stdout, stderr }: Outputs) => `\n--- stdout\n${tail(stdout)}\n--- stderr\n${tail(stderr)}`

/** A program could not be started. Code `DX_PROCESS_START`. */
export class ProcessStartError extends DisruptorError {
  constructor(command: string, cwd: string | undefined) {
    super('DX_PROCESS_START', `${command} could not be started in ${cwd ?? 'the current directory'}; check that both exist`, {
      command,
      cwd,
    })
  }
}

/** A program took too long and was killed with its children. Code `DX_PROCESS_TIMEOUT`; the message ends with the last output. */
export class ProcessTimeoutError extends DisruptorError {
  constructor(command: string, timeoutMs: number, outputs: Outputs) {
    super('DX_PROCESS_TIMEOUT', `${command} was killed after ${timeoutMs} ms${shown(outputs)}`, { command, timeoutMs })
  }
}

/** A program wrote too much, or never the line that was waited for. Code `DX_PROCESS_OUTPUT`; the message ends with the last output. */
export class ProcessOutputError extends DisruptorError {
  constructor(command: string, what: string, outputs: Outputs) {
    super('DX_PROCESS_OUTPUT', `${command} ${what}${shown(outputs)}`, { command, what })
  }
}
