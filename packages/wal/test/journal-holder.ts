import { openJournal } from '@disruptorx/wal'

const [mode = '', dir = ''] = process.argv.slice(2)
const encode = (text: string) => new TextEncoder().encode(text)

/** Appends to several logs until it is killed, and prints each round only after it is durable. */
async function holdOn(): Promise<void> {
  const journal = await openJournal(dir, { segmentBytes: 64 * 1024 })
  console.log('open')
  for (let round = journal.log(0).lastIndex + 1; ; round++) {
    for (let id = 0; id < 5; id++) journal.log(id).append(encode(`${id}/${round}/`.padEnd((round * (id + 7)) % 2000, 'x')))
    if (round % 10 === 0) journal.log(4).truncateBefore(round)
    await journal.durable(journal.lastLsn)
    console.log(round)
  }
}

/** Ends without closing anything: nothing that the journal holds may keep the process. */
async function useOnce(): Promise<void> {
  const journal = await openJournal(dir)
  const log = journal.log(3)
  log.append(encode('once'))
  const { data } = await log.entry(1)
  console.log(new TextDecoder().decode(data))
}

/** Waits for nothing but the closing, and for what ends before that. */
async function closeOnly(): Promise<void> {
  const journal = await openJournal(dir, { spareSegments: 0 })
  const { lsn } = journal.log(3).append(encode('once'))
  void journal.durable(lsn).then(() => console.log('durable'))
  await journal.close()
  console.log('closed')
}

const modes: Record<string, () => Promise<void>> = { hold: holdOn, once: useOnce, close: closeOnly }
await modes[mode]?.()
