/** What runs when no command is named. */
const DEFAULT_COMMAND = 'start'
/** Flags that are about the program, not about a command. */
const ABOUT = new Set(['-h', '--help', '-V', '--version'])
/** What is no command by itself, but has commands: alone it shows them. */
const GROUPS = new Set(['wal'])

/** Puts the default command in front of flags that come without one: `--rate 5` becomes `start --rate 5`, and `wal` becomes `wal --help`. */
export function withDefaultCommand(argv: readonly string[]): string[] {
  let at = 0
  // The one flag of the program itself that takes a value may stand before the command.
  while (at < argv.length && argv[at]?.startsWith('--config')) at += argv[at] === '--config' ? 2 : 1
  const first = argv[at]
  if (first !== undefined && GROUPS.has(first) && at === argv.length - 1) return [...argv, '--help']
  if (first !== undefined && (!first.startsWith('-') || ABOUT.has(first))) return [...argv]
  return [...argv.slice(0, at), DEFAULT_COMMAND, ...argv.slice(at)]
}
