import { Command } from 'commander'
import { doctor } from '../commands/doctor.ts'
import { generate } from '../commands/generate.ts'
import { replay } from '../commands/replay.ts'
import { start } from '../commands/start.ts'
import { type ConfigFile, readConfigFile } from '../config/config-file.ts'
import { resolveSettings } from '../config/resolve-settings.ts'
import type { CommandName, SettingValues } from '../config/settings.ts'
import type { CommandContext } from './context.ts'
import type { ExitCode } from './exit-codes.ts'
import { doctorHelp, generateHelp, programHelp, replayHelp, startHelp } from './help.ts'
import { addWal } from './wal-program.ts'

const DATA_DIR = '--data-dir <directory>'
const DURABILITY = '--durability <mode>'
const DURABILITY_TEXT = 'when an event counts as durable: fsync, interval or none (default: fsync)'
const INTERVAL = '--interval-ms <n>'
const INTERVAL_TEXT = 'milliseconds between two syncs with --durability interval'

/** The command line. `ended` hears what the command that ran exits with. */
export function createProgram(context: CommandContext, version: string, ended: (exitCode: ExitCode) => void): Command {
  const program = new Command('disruptorx')
    .description('A durable pipeline on one machine: rings between threads, a journal behind them, an order book at the end.')
    .version(version, '-V, --version', 'print the version')
    .option('--config <file>', 'configuration file (default: ./disruptorx.config.json, where there is one)')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', programHelp)
    .exitOverride()
    // Errors are told in one line, by whoever catches them.
    .configureOutput({ writeOut: text => context.out.write(text), writeErr: () => {}, outputError: () => {} })
  const settingsOf = (command: CommandName, flags: Record<string, unknown>): SettingValues => {
    const file: ConfigFile = readConfigFile(
      (flags.config ?? program.opts().config ?? (context.env.DISRUPTORX_CONFIG || undefined)) as string | undefined,
      context.cwd,
    )
    return resolveSettings(command, { file, env: context.env, flags })
  }
  addStart(program, async flags => ended(await start(settingsOf('start', flags), context)))
  addReplay(program, async (file, flags) => ended(await replay(file, settingsOf('replay', flags), flags.restart === true, context)))
  addGenerate(program, async (file, flags) => ended(await generate(file, settingsOf('generate', flags), flags.force === true, context)))
  addDoctor(program, async flags => ended(await doctor(settingsOf('doctor', flags), context)))
  addWal(program, context, ended)
  return program
}

type Flags = Record<string, unknown>

function subcommand(program: Command, name: string, description: string, help: string): Command {
  return program
    .command(name)
    .description(description)
    .helpOption('-h, --help', 'print this help')
    .option('--config <file>', 'configuration file (default: ./disruptorx.config.json, where there is one)')
    .addHelpText('after', help)
}

function addStart(program: Command, action: (flags: Flags) => Promise<void>): void {
  subcommand(program, 'start', 'run a node with the exchange, fed by a seeded generator of orders', startHelp)
    .option('--rate <n>', 'events per second, 1 to 1,000,000 (default: 20000)')
    .option('--port <n>', 'HTTP port on 127.0.0.1; 0 takes any free one (default: 8080)')
    .option('--duration <seconds>', 'end after so many seconds (default: runs until asked to end)')
    .option('--seed <n>', "the generator's seed; fixed for a data directory (default: the directory's, or 1)")
    .option(DATA_DIR, 'where everything is kept (default: ./.data/live)')
    .option(DURABILITY, DURABILITY_TEXT)
    .option(INTERVAL, INTERVAL_TEXT)
    .option('--json', 'a JSON object a second on stdout')
    .action(action)
}

function addReplay(program: Command, action: (file: string, flags: Flags) => Promise<void>): void {
  subcommand(program, 'replay', 'run a file of orders through the journal into the book, and print a summary', replayHelp)
    .argument('<FILE>', 'a file of order messages, or - for standard input')
    .option(DATA_DIR, 'where everything is kept (default: ./.data/replay/<name>-<hash of its path>, ./.data/replay/stdin)')
    .option('--restart', 'forget what was replayed in this directory, and begin anew')
    .option('--json', 'the summary as one line of JSON')
    .option('--rate <n>', 'messages per second, 1 to 1,000,000 (default: as fast as they become durable)')
    .option('--progress-lines <n>', 'lines between two progress lines on stderr, where that is no terminal (default: a tenth of FILE)')
    .option(DURABILITY, DURABILITY_TEXT)
    .option(INTERVAL, INTERVAL_TEXT)
    .action(action)
}

function addGenerate(program: Command, action: (file: string, flags: Flags) => Promise<void>): void {
  subcommand(program, 'generate', 'write order flow in the format of an order file', generateHelp)
    .argument('<FILE>', 'the file to write, or - for standard output')
    .option('--seed <n>', 'decides the flow (default: 1)')
    .option('--lines <n>', 'how many messages, 1 to 1,000,000,000 (default: 100000)')
    .option('--force', 'overwrite FILE')
    .action(action)
}

function addDoctor(program: Command, action: (flags: Flags) => Promise<void>): void {
  subcommand(program, 'doctor', 'say whether this machine can run a node, and how well', doctorHelp)
    .option(DATA_DIR, 'where the data would be kept (default: ./.data/live)')
    .option('--json', 'one line of JSON')
    .action(action)
}
