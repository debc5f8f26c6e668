import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeFiles, openJournalStep } from 'disruptorx/wal'

/** The client of a replay or of a live node's generator. */
const FEEDING_CLIENT = 1
const PARTITION_LOG = 1

/** Runs a task over files that complete at once. */
export function carryOut<T>(task: Generator<undefined, T, undefined>): T {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
  }
}

/** The numbers of a data directory's journaled events of the feeding client, in the order of the log. */
export function journaledNumbers(dataDir: string): number[] {
  const journal = carryOut(openJournalStep(nodeFiles(), { dir: join(dataDir, 'journal') }))
  const numbers: number[] = []
  const reader = journal.reader(PARTITION_LOG, journal.log(PARTITION_LOG).firstIndex)
  while (reader.poll() === 'entry') {
    const entry = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.offset, reader.length)
    let at = 16
    for (let left = entry.getUint32(4, true); left > 0; left--) {
      if (Number(entry.getBigUint64(at, true)) === FEEDING_CLIENT) numbers.push(Number(entry.getBigUint64(at + 8, true)))
      at += 24 + ((entry.getUint32(at + 20, true) + 7) & ~7)
    }
  }
  reader.close()
  carryOut(journal.close())
  return numbers
}

/** Turns the last `bytes` that were written to the newest segment back into the zeros that they were, as if they had never got there; returns where. */
export function cutTail(dataDir: string, bytes: number): number {
  const dir = join(dataDir, 'journal')
  const newest = readdirSync(dir)
    .filter(name => name.endsWith('.seg'))
    .sort()
    .at(-1)
  if (newest === undefined) throw new Error(`no segment in ${dir}`)
  const path = join(dir, newest)
  const content = readFileSync(path)
  let end = content.length
  while (end > 0 && content[end - 1] === 0) end--
  // The first sector names the segment.
  const cut = Math.max(4096, end - bytes)
  writeFileSync(path, content.fill(0, cut))
  return cut
}
