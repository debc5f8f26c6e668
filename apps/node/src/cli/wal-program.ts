import type { Command } from 'commander'
import { type WalFlags, walDump, walInspect, walVerify } from '../commands/wal.ts'
import { walExport } from '../commands/wal-export.ts'
import type { CommandContext } from './context.ts'
import type { ExitCode } from './exit-codes.ts'

const DIR = 'a journal, an archive of one, or the data directory of a node'
const KEY = '--key <name=file>'
const KEY_TEXT = 'a key that batches are encrypted with: 32 bytes, or 64 hexadecimal digits; may be given more than once'

/** What `disruptorx wal --help` says below the commands. */
const walHelp = `
These only read: they take no lock and write nothing in DIR, so that they can be used while a node writes there.
DIR is a journal's directory, or a node's data directory, in which the journal is ./journal; or a directory to which the full segments of a journal were
archived.

Exit codes:
  0    done; for verify also: the journal, or the archive, is sound
  1    it is damaged, or could not be read
  2    refused: bad command line, no journal in DIR, no such log or entry

Examples:
  $ disruptorx wal inspect ./.data/live
  $ disruptorx wal verify /var/lib/disruptorx/journal
  $ disruptorx wal verify /mnt/archive
  $ disruptorx wal dump ./.data/live --log 1 --kind entry --limit 10
  $ disruptorx wal export ./.data/live entries.bin --log 1 --from 100 --to 199`

const inspectHelp = `
Reads the headers of all segments and the content of the newest, so it is quick however large the journal is.

Examples:
  $ disruptorx wal inspect ./.data/live
  $ disruptorx wal inspect ./.data/live --json`

const verifyHelp = `
Reads every byte. Each line says of one place what is wrong there and which records and entries cannot be read because of it; the last line is the
verdict. A write that is under way, or that a crash cut off, is no damage: nobody was told that it was durable.

Examples:
  $ disruptorx wal verify ./.data/live && echo sound
  $ disruptorx wal verify ./.data/live --json`

const dumpHelp = `
Records come in the order in which they were written, those that were cut off or replaced later too. Bytes that are text are shown as "text", others
as "base64". A place that cannot be read is a line of kind "damage", and the exit code is 1 then.

Kinds: entry, copy (an entry written once more, so that its old segment can go), truncate-after, truncate-before, reset, snapshot-mark, value, drop,
opened, closed.

Examples:
  $ disruptorx wal dump ./.data/live | jq -r 'select(.kind == "entry") | .index'
  $ disruptorx wal dump ./.data/live --log 1 --from 100 --to 110 --no-data
  $ disruptorx wal dump ./.data/live --kind value --kind truncate-after`

const exportHelp = `
Entries come in the order of the log, as it stands: without those that were cut off or replaced. - writes to standard output.

Framing: length puts each entry's length in front of it, 4 bytes, little-endian; line puts a line feed behind it; none puts nothing.

Examples:
  $ disruptorx wal export ./.data/live entries.bin --log 1
  $ disruptorx wal export ./.data/live - --log 1 --framing line | head`

/** Adds `disruptorx wal` with its commands. */
export function addWal(program: Command, context: CommandContext, ended: (exitCode: ExitCode) => void): void {
  const wal = command(program, 'wal', 'look into a journal, also while it is written', walHelp)
  command(wal, 'inspect', 'say what a journal holds', inspectHelp)
    .argument('<DIR>', DIR)
    .option(KEY, KEY_TEXT, collect)
    .option('--json', 'one line of JSON')
    .action(async (dir: string, flags: WalFlags) => ended(await walInspect(dir, flags, context)))
  command(wal, 'verify', 'look at every byte, and say what is wrong and where', verifyHelp)
    .argument('<DIR>', DIR)
    .option(KEY, KEY_TEXT, collect)
    .option('--json', 'one line of JSON')
    .action(async (dir: string, flags: WalFlags) => ended(await walVerify(dir, flags, context)))
  command(wal, 'dump', 'print records as lines of JSON', dumpHelp)
    .argument('<DIR>', DIR)
    .option(KEY, KEY_TEXT, collect)
    .option('--log <n>', 'only records of this log; may be given more than once', collect)
    .option('--kind <kind>', 'only records of this kind; may be given more than once', collect)
    .option('--from <index>', 'only records about this index and later ones')
    .option('--to <index>', 'only records about this index and earlier ones')
    .option('--from-lsn <lsn>', 'only records from this LSN on')
    .option('--to-lsn <lsn>', 'only records up to this LSN')
    .option('--limit <n>', 'at most so many lines')
    .option('--no-data', 'leave out what entries and values hold')
    .action(async (dir: string, flags: WalFlags) => ended(await walDump(dir, flags, context)))
  command(wal, 'export', 'write the entries of a log to a file', exportHelp)
    .argument('<DIR>', DIR)
    .option(KEY, KEY_TEXT, collect)
    .argument('<FILE>', 'the file to write, or - for standard output')
    .option('--log <n>', 'the log')
    .option('--from <index>', 'the first entry (default: the first that the log has)')
    .option('--to <index>', 'the last entry (default: the last that the log has)')
    .option('--framing <how>', 'what tells entries apart: length, line or none (default: length)')
    .option('--force', 'overwrite FILE')
    .action(async (dir: string, file: string, flags: WalFlags) => ended(await walExport(dir, file, flags, context)))
}

function command(parent: Command, name: string, description: string, help: string): Command {
  return parent.command(name).description(description).helpOption('-h, --help', 'print this help').addHelpText('after', help)
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
