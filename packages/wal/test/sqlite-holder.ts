import { rmSync, writeFileSync } from 'node:fs'
import { isDisruptorError } from '@disruptorx/contracts'
import { openSqliteJournal } from '@disruptorx/wal/sqlite'

const [mode = '', dir = ''] = process.argv.slice(2)
const encode = (index: number) => new TextEncoder().encode(`${index}/`.padEnd(index % 3000, 'x'))

/** Appends until it is killed, a few at a time, and prints each index only after it is durable. */
async function holdOn(): Promise<void> {
  const journal = await openSqliteJournal(dir, { checkpointBytes: 64 * 1024 })
  const log = journal.log(0)
  console.log('open')
  for (;;) {
    const batch = Array.from({ length: 1 + (log.lastIndex % 7) }, (_, i) => encode(log.lastIndex + 1 + i))
    const { index, lsn } = log.appendBatch(batch, 1)
    if (index % 5 === 0) log.truncateBefore(Math.max(1, index - 200))
    await journal.durable(lsn)
    console.log(index)
  }
}

/** Ends without closing anything: nothing that the journal holds may keep the process. */
async function useOnce(): Promise<void> {
  const journal = await openSqliteJournal(dir)
  const log = journal.log(0)
  log.append(encode(1), 1)
  const entry = await log.entry(1)
  console.log(`entry of ${entry.data.length} bytes`)
}

/** Appends until the disk is full, makes room, and opens the journal again. */
async function fillUp(): Promise<void> {
  writeFileSync(`${dir}/ballast`, new Uint8Array(1024 ** 2))
  // What is in the write-ahead file needs the same room again in the database.
  const journal = await openSqliteJournal(`${dir}/journal`, { checkpointBytes: 256 * 1024 })
  const log = journal.log(0)
  try {
    for (;;) await journal.durable(log.append(new Uint8Array(100_000), 1).lsn)
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    console.log(`${error.code} because of ${(error.cause as { code?: string }).code}`)
  }
  const { durableIndex } = log
  const refused = await journal.close().catch((error: unknown) => error)
  console.log(isDisruptorError(refused, 'DX_JOURNAL_STOPPED') ? 'close tells it too' : `close: ${String(refused)}`)
  rmSync(`${dir}/ballast`)
  const again = await openSqliteJournal(`${dir}/journal`, { verify: 'all' })
  console.log(again.log(0).lastIndex === durableIndex ? 'all that was durable is there' : `${again.log(0).lastIndex} of ${durableIndex}`)
  await again.durable(again.log(0).append(new Uint8Array(10), 1).lsn)
  await again.close()
  console.log('and it goes on')
}

/** Tells the code of the error that keeps the journal from opening. */
async function tryToOpen(): Promise<void> {
  const refusal: unknown = await openSqliteJournal(dir).catch((error: unknown) => error)
  console.log(isDisruptorError(refusal) ? refusal.code : String(refusal))
}

const modes: Record<string, () => Promise<void>> = { hold: holdOn, once: useOnce, full: fillUp, open: tryToOpen }
await modes[mode]?.()
