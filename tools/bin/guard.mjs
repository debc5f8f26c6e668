/**
 * Outlives its launcher by the moment it takes to end what the launcher left behind.
 *
 * It runs in a session of its own, so that what is sent to the launcher's process group does not reach it.
 * Usage: guard.mjs MARK; the launcher sends `{ command, graceMs }` with the process id of each command that it starts.
 */
import { endMarked } from './processes.mjs'

const mark = process.argv[2]
/** @type {{ command: number, graceMs: number } | undefined} */
let latest

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => {})

process.on('message', message => {
  latest = /** @type {typeof latest} */ (message)
})

process.on('disconnect', async () => {
  if (mark) await endMarked(mark, latest)
  process.exit()
})
