import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { runBlocking } from '@disruptorx/contracts/internal'
import { runProcess, type TemporaryDirectory } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { type JournalStepOptions, nodeFiles } from '../../src/index.ts'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import { dumpOf, dumpOfModel } from '../model.ts'
import { cloneLogs, type ModelLogs } from '../model-logs.ts'
import { type Operation, replay } from './operations.ts'

/** A journal whose processes are killed, one after the other, and what it must hold. */
export class KilledJournal {
  readonly #dir: TemporaryDirectory
  readonly #options: Partial<JournalStepOptions>
  #logs: ModelLogs = new Map()
  /** The logs as they would be if nothing had ever been removed from their front. */
  readonly everything: ModelLogs = new Map()
  /** Lives that were long enough to call something durable. */
  fruitful = 0
  /** Operations that were called durable. */
  durable = 0

  /** @param keepsSegments whether checks leave all segments there, for whoever archives them */
  constructor(dir: TemporaryDirectory, keepsSegments = false) {
    this.#dir = dir
    this.#options = keepsSegments ? { archive: { checkFor: () => {}, start: () => {}, archived: 0, sealed: () => {}, stop: () => {} } } : {}
    mkdirSync(this.path)
  }

  get path(): string {
    return this.#dir.join('journal')
  }

  /** Runs a program on the journal until it is killed, at the latest when it has printed so many lines; then, if asked to, others that are killed while they open it. */
  async live(program: string, args: readonly string[], lines: number, openings: readonly (readonly string[])[] = []): Promise<void> {
    writeFileSync(this.#dir.join('operations'), '')
    let acknowledged = 0
    let printed = 0
    await this.#run([program, this.path, ...args], line => {
      if (line !== 'open') acknowledged = Number(line)
      return ++printed >= lines
    })
    for (const opening of openings) await this.#run([program, this.path, ...opening, 'opening'])
    if (acknowledged > 0) this.fruitful++
    this.durable += acknowledged
    this.#check(acknowledged)
  }

  async #run(args: readonly string[], killWhen: (line: string) => boolean = () => false): Promise<void> {
    const { stderr, signal } = await runProcess({ command: process.execPath, args, killWhen })
    expect([signal, stderr]).toEqual(['SIGKILL', ''])
  }

  /** Number of the oldest segment: how much came and went. */
  get oldestSegment(): number {
    return Number(
      readdirSync(this.path)
        .find(name => name.endsWith('.seg'))
        ?.slice(0, -4),
    )
  }

  /** What the journal shows is what the first of its operations made of it: all that were called durable, and perhaps more. */
  #check(acknowledged: number): void {
    const journal = runBlocking(openJournalStep(nodeFiles(), { dir: this.path, segmentBytes: 32 * 1024, verify: 'all', ...this.#options }))
    const found = dumpOf(journal)
    runBlocking(journal.close())
    const operations = this.#operations()
    const logs = cloneLogs(this.#logs)
    for (const operation of operations.slice(0, acknowledged)) replay(logs, operation)
    const acknowledgedLogs = dumpOfModel(logs)
    let kept = acknowledged
    for (; kept < operations.length && !isDeepStrictEqual(dumpOfModel(logs), found); kept++) replay(logs, operations[kept] as Operation)
    if (!isDeepStrictEqual(dumpOfModel(logs), found)) expect(found).toEqual(acknowledgedLogs)
    this.#logs = logs
    for (const operation of operations.slice(0, kept)) if (operation.kind !== 'trim') replay(this.everything, operation)
  }

  #operations(): Operation[] {
    const lines = readFileSync(this.#dir.join('operations'), 'utf8').split('\n')
    // A line that was not finished tells of something that was not begun.
    return lines.slice(0, -1).map(line => JSON.parse(line) as Operation)
  }
}
