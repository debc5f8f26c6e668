import { readFileSync, writeFileSync } from 'node:fs'
import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import { type JournalStep, type JournalStepOptions, nodeFiles, openJournalStep } from '../src/index.ts'
import { KIB } from './journals.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** Opens a journal with small segments, always with the same id. */
export function openSmall(dir: string, options: Partial<JournalStepOptions> = {}): JournalStep {
  return runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes: 64 * KIB, random: new SeededRandom(1), ...options }))
}

/** Makes a journal of three segments: two logs, a conflict, a retention, values and marks. Closed. */
export function makeJournal(dir: string, options: Partial<JournalStepOptions> = {}): void {
  const journal = openSmall(dir, options)
  const [orders, raft] = [journal.log(1), journal.log(7)]
  for (let i = 1; i <= 30; i++) {
    orders.append(encode(`order ${i} `.padEnd(3000, '.')), 1)
    if (i % 10 === 0) raft.append(encode(`raft ${i}`), i / 10)
    journal.step()
  }
  raft.setValue('vote', encode('node 3'))
  raft.append(encode('replaced'), 3)
  journal.step()
  raft.truncateAfter(3)
  raft.append(Uint8Array.of(0xff, 0x00), 4)
  orders.markSnapshot(20, 1)
  orders.truncateBefore(3)
  journal.step()
  runBlocking(journal.close())
}

/** Changes bytes of a file, from an offset on. */
export function changeFile(path: string, offset: number, change: (bytes: Uint8Array) => void): void {
  const content = readFileSync(path)
  change(content.subarray(offset))
  writeFileSync(path, content)
}

/** Flips a bit. */
export function flip(bytes: Uint8Array): void {
  bytes[0] = (bytes[0] as number) ^ 1
}
