/**
 * Outlives its launcher by the moment it takes to end what the launcher left behind.
 *
 * It runs in a session of its own, so that what is sent to the launcher's process group does not reach it.
 * Usage: guard.mjs MARK; the launcher sends `{ graceMs }` when what it runs deserves another grace.
 */
import { endMarked } from './processes.mjs'

const mark = process.argv[2]
let graceMs = 1000

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => {})

process.on('message', message => {
  graceMs = /** @type {{ graceMs: number }} */ (message).graceMs
})

process.on('disconnect', async () => {
  if (mark) await endMarked(mark, graceMs)
  process.exit()
})
