import { crc32 } from '@disruptorx/contracts/internal'
import type { JournalStep } from '../../src/journal/journal-step.ts'

/** Everything that a journal shows of its logs, as a text: numbers, values, and each entry by its term and check sum. For files that block. */
export function signatureOf(journal: JournalStep): string {
  let text = ''
  for (const id of journal.logIds) {
    const log = journal.log(id)
    text += `log ${id}: ${log.firstIndex}-${log.lastIndex} of ${log.lastTerm}, mark ${log.snapshot?.index} of ${log.snapshot?.term},`
    for (const name of ['vote', 'term', 'x-1', 'x-2', 'x-3']) text += ` ${name} ${sum(log.value(name))}`
    if (log.durableIndex !== log.lastIndex) text += ` durable ${log.durableIndex}`
    const reader = journal.reader(id, log.firstIndex)
    while (reader.poll() === 'entry') {
      const { index, term, bytes, offset, length } = reader
      text += ` ${index}/${term}/${log.termAt(index) === term ? '' : 'another'}/${crc32(bytes, offset, length)}`
    }
    reader.close()
    text += '\n'
  }
  return text
}

function sum(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '-' : `${bytes.length}:${crc32(bytes, 0, bytes.length)}`
}
