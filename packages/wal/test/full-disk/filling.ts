import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { nodeFiles, openJournalStep } from '@disruptorx/wal'

const textOf = (index: number) => `${index}/`.padEnd(3000, 'x')

/** How an attempt ended: the code of the error, and that of the system's error below it. */
function ending(error: unknown): string {
  if (isDisruptorError(error, 'DX_DISK_FULL')) return `${error.code} ${error.details.bytesNeeded}`
  const { code, cause } = error as { readonly code?: string; readonly cause?: { readonly code?: string } }
  return isDisruptorError(error) && cause !== undefined ? `${code} ${cause.code}` : String(code)
}

/** Appends to a journal until it stops. Returns how many entries were durable then, and what stopped it. */
export function fill(dir: string, segmentBytes: number): { readonly durable: number; readonly ended: string } {
  const journal = runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes }))
  const log = journal.log(0)
  while (journal.failure === undefined) {
    log.append(new TextEncoder().encode(textOf(log.lastIndex + 1)), 1)
    journal.step()
  }
  const { durableIndex: durable } = log
  runBlocking(journal.close())
  return { durable, ended: ending(journal.failure) }
}

/** Opens a journal, reads all of it, and appends to it. Returns how many entries there were, all of them right, or what could be read and why no more was done. */
export function readAndGoOn(dir: string, segmentBytes: number): number | string {
  let read = ''
  try {
    const journal = runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes, verify: 'all' }))
    const log = journal.log(0)
    const reader = log.reader(1)
    let good = 0
    while (reader.poll() === 'entry') {
      const text = new TextDecoder().decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length))
      if (text === textOf(reader.index)) good++
    }
    reader.close()
    const all = good === log.lastIndex
    read = `${all ? '' : `${good} of `}${log.lastIndex}, then `
    log.append(new TextEncoder().encode(textOf(log.lastIndex + 1)), 1)
    runBlocking(journal.close())
    return all ? good : `${good} of ${log.lastIndex}`
  } catch (error) {
    return read + ending(error)
  }
}

/** Appends entries to a journal, and leaves it as a process does that is killed. */
export function leave(dir: string, segmentBytes: number, count: number): void {
  const journal = runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes }))
  const log = journal.log(0)
  for (let i = 0; i < count; i++) {
    log.append(new TextEncoder().encode(textOf(log.lastIndex + 1)), 1)
    while (journal.step() === 0);
  }
}
