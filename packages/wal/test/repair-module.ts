import { readFile } from 'node:fs/promises'
import type { RepairAnswer, RepairRequest, RepairSource } from '@disruptorx/wal'

const copy = new URL(import.meta.url).searchParams.get('copy') ?? ''
const answers = new Map<string, RepairAnswer | 'pending'>()

async function fetchBatch({ segment, offset }: RepairRequest, key: string): Promise<void> {
  const bytes = await readFile(`${copy}/${String(segment).padStart(6, '0')}.seg`)
  answers.set(key, { batch: bytes.subarray(offset, offset + 4096) })
}

/** Has batches of one sector from a copy of the directory, but not at once: reading it takes the event loop. */
const fromCopy: RepairSource = request => {
  const key = `${request.segment}/${request.offset}`
  if (!answers.has(key)) {
    answers.set(key, 'pending')
    void fetchBatch(request, key)
  }
  return answers.get(key)
}

export default fromCopy
