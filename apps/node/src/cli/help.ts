import { DEFAULT_CONFIG_FILE } from '../config/config-file.ts'

/** What `disruptorx --help` says below the commands. */
export const programHelp = `
Without a command, disruptorx starts the node: \`disruptorx --rate 1000\` is \`disruptorx start --rate 1000\`.

Examples:
  $ disruptorx                                   start the node, watch it, end it with Ctrl-C
  $ disruptorx generate orders.csv --lines 50000 make an order file
  $ disruptorx replay orders.csv                 run it through the journal into the book
  $ disruptorx doctor                            can this machine run a node?
  $ disruptorx wal inspect ./.data/live          what is in its journal?

Settings come from, the later winning: ./${DEFAULT_CONFIG_FILE} (or --config FILE, or DISRUPTORX_CONFIG), environment, flags.
  {"dataDir": "./data", "start": {"rate": 5000, "port": 9000}}     sections by command win over the top level
  DISRUPTORX_DATA_DIR=/var/lib/orders DISRUPTORX_PORT=9000         each flag with a value has a variable

Exit codes:
  0    done; for start also: asked to end, and drained
  1    could not go on: directory or port in use, disk full, journal stopped
  2    refused, nothing written: bad command line or configuration, or a FILE that cannot be replayed
  129, 130, 143   ended by SIGHUP, by Ctrl-C, by SIGTERM (or with its parent) before it was done`

/** What `disruptorx start --help` says below the options. */
export const startHelp = `
The generator decides its flow by its seed alone. Ctrl-C (or SIGTERM) drains what is in flight, takes a snapshot and ends with 0; the next
start in the same directory goes on from there, after kill -9 too. A second Ctrl-C ends at once; nothing acknowledged is lost.

HTTP, on 127.0.0.1 alone: /healthz (200 or 503) and /status (JSON).
On a terminal stdout is a live view; elsewhere it is a line a second, with --json a JSON object a line.

Examples:
  $ disruptorx start
  $ disruptorx start --rate 50000 --port 9000 --data-dir /var/lib/disruptorx
  $ disruptorx start --duration 10 --json > status.jsonl
  $ disruptorx start --durability interval --interval-ms 5`

/** What `disruptorx replay --help` says below the options. */
export const replayHelp = `
FILE holds one order message a line, \`time,type,order id,size,price,direction\`, with LF or CR LF; - reads standard input. A line that is no
message is reported on stderr with its number and skipped.

Each source has a data directory of its own. Killed at any moment, kill -9 included, the same command goes on after the last durable message:
none is lost, none is applied twice. The source is read again up to there and compared; another one is refused.

stdout is the summary alone, with --json one line of JSON. eventsPerSecond and durableP99Us are of this run, and 0 when there was nothing to feed.

Examples:
  $ disruptorx replay orders.csv
  $ disruptorx replay orders.csv --json > summary.json
  $ gzip -dc orders.csv.gz | disruptorx replay - --data-dir ./orders-data
  $ disruptorx replay orders.csv --restart`

/** What `disruptorx doctor --help` says below the options. */
export const doctorHelp = `
Looks at platform, Node, cores, shared memory, open-file limit, free disk, and measures write + fdatasync of 4 KiB where the data would be.
The last line is the verdict. Exits with 0 when a node can run here, with 1 when it cannot.

Examples:
  $ disruptorx doctor
  $ disruptorx doctor --data-dir /var/lib/disruptorx --json`

/** What `disruptorx generate --help` says below the options. */
export const generateHelp = `
The same seed and number of lines give the same bytes on every machine. - writes to standard output.

Examples:
  $ disruptorx generate orders.csv --seed 7 --lines 1000000
  $ disruptorx generate - --lines 20 | head -3`
