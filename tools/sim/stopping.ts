/** Signals that end a program, with the exit codes by which a shell tells them. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Says so when a signal ends this program: else what it has printed until then could be taken for all there is.
 *
 * @param log prints a line
 * @param describe what the program is at
 */
export function sayWhenStopped(log: (line: string) => void, describe: () => string): void {
  for (const signal of Object.keys(codes) as (keyof typeof codes)[])
    process.once(signal, () => {
      log(`${describe()}: stopped by ${signal}, before the end`)
      // An exit, unlike the signal itself, lets temporary directories be removed.
      process.exit(codes[signal])
    })
}
