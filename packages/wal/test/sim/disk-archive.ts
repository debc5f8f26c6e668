import type { Files } from '@disruptorx/contracts'
import { SimulatedDisk, type SimulatedProcess } from '@disruptorx/testkit'
import { ArchiveGate } from '../../src/archive/archive-gate.ts'
import { Archiver } from '../../src/archive/archiver.ts'
import { FileArchive } from '../../src/archive/file-archive.ts'
import { JournalArchive } from '../../src/archive/journal-archive.ts'
import { LocalSegments } from '../../src/archive/local-segments.ts'
import { cardObject, segmentObject } from '../../src/archive/objects.ts'
import { journalOf } from '../../src/archive/own-archive.ts'
import { decodeCard } from '../../src/archive/segment-card.ts'
import { cipherKeys } from '../../src/platform/cipher.ts'
import type { LifeOfArchive, SimulatedArchiving } from './archive.ts'
import { AwaitedFiles, answeredFiles } from './awaited-files.ts'
import { DIR } from './damage-book.ts'
import type { JournalWorld } from './journal-world.ts'
import { LyingArchive } from './lying-archive.ts'
import { type ArchiveProfile, type LifeOptions, latency } from './profile.ts'

/** The directory of the archive, on a disk of its own. */
const ARCHIVE = 'a'

/** The true archiver, and the true archive of a directory, on a second disk of the same machine, which fails in its own way. */
export class DiskArchive implements SimulatedArchiving {
  readonly disk: SimulatedDisk
  readonly #world: JournalWorld
  readonly #profile: ArchiveProfile
  #crashes = 0
  #isHealed = false

  constructor(world: JournalWorld, profile: ArchiveProfile) {
    this.#world = world
    this.#profile = profile
    this.disk = new SimulatedDisk(world.sim, { name: 'archive', faults: profile.faults, latency })
    world.sim.usePromises()
  }

  attach(process: SimulatedProcess, files: Files, encryption: LifeOptions['encryption']): LifeOfArchive {
    const { sim, clock } = { sim: this.#world.sim, clock: process.clock }
    const random = process.random.derive('archive')
    const here = new AwaitedFiles(files)
    const there = new AwaitedFiles(this.#mount(process))
    for (const one of [here, there]) process.run('answers', one)
    const gate = new ArchiveGate()
    const archive = new LyingArchive(
      new FileArchive(ARCHIVE, there),
      random,
      () => (this.#isHealed ? 0 : this.#profile.lies),
      how => {
        sim.facts.count('archive lied')
        sim.trace?.fault('archive', 'lies', { how })
      },
    )
    let segments = 0
    const archiver = new Archiver({
      dir: DIR,
      files: here,
      keys: cipherKeys(encryption),
      clock,
      gate,
      options: {
        to: archive,
        keepSegments: Number.MAX_SAFE_INTEGER,
        maxHeldBytes: Number.MAX_SAFE_INTEGER,
        retryMs: 1,
        maxRetryMs: 20,
        timeoutMs: this.#profile.timeoutMs,
        onFailure: error => {
          sim.facts.count('archiving failed')
          sim.trace?.record('archiver', 'fails', { error: error.message })
        },
      },
      onProgress: () => {
        sim.facts.count('archived', archiver.report.segments - segments)
        segments = archiver.report.segments
        process.wake()
      },
    })
    return { keeper: gate, step: () => archiver.step() }
  }

  checkGone(segment: number, content: Uint8Array | undefined): void {
    if (content === undefined) return
    const platter = this.disk.platter()
    const card = decodeCard(platter.content(`${ARCHIVE}/${cardObject(segment)}`), segment)
    const copy = platter.content(`${ARCHIVE}/${segmentObject(segment)}`)
    if (copy === undefined) throw new Error(`segment ${segment} is taken away, and the archive has no copy`)
    // Behind its last record a segment may show what was never on stable storage.
    const end = this.#world.layout.endOf(segment, card.lastLsn)
    if (
      card.bytes !== content.length ||
      copy.length !== content.length ||
      Buffer.compare(copy.subarray(0, end), content.subarray(0, end)) !== 0
    )
      throw new Error(`segment ${segment} is taken away, and the copy of it is not the same`)
    this.#world.sim.facts.count('freed when archived')
  }

  heal(): void {
    this.#isHealed = true
    this.disk.repair()
  }

  async checkEnd({ node, ledger, life, sim }: JournalWorld): Promise<void> {
    const archive = new FileArchive(ARCHIVE, answeredFiles(this.disk.platter()))
    const journalId = await journalOf(archive)
    if (journalId === undefined) return
    const keys = cipherKeys(life?.options.encryption)
    const local = new LocalSegments(answeredFiles(node.disk.platter()), DIR, keys, journalId)
    const found = new JournalArchive({ archive, keys, journalId, local, journal: undefined })
    await found.refresh()
    const expected = [...ledger.history].filter(([, { entries }]) => entries.length > 0).sort(([a], [b]) => a - b)
    const ids = expected.map(([id]) => id)
    if (ids.join() !== found.logIds.join()) throw new Error(`the archive has the logs ${found.logIds.join()}, not ${ids.join()}`)
    for (const [id, { first, entries }] of expected) {
      let next = 0
      for await (const batch of found.read(id, first))
        for (const { index, term, data } of batch) {
          const entry = entries[next++]
          if (entry === undefined || index !== first + next - 1 || term !== entry.term || new TextDecoder().decode(data) !== entry.text)
            throw new Error(`the archive shows entry ${index} of log ${id}, term ${term}, as ${data.length} bytes that it never was`)
        }
      if (next !== entries.length) throw new Error(`the archive shows ${next} entries of log ${id}, not ${entries.length}`)
      sim.facts.count('replayed from the archive', next)
    }
  }

  /** The disk as a new process sees it, after what has become of the one before. */
  #mount(process: SimulatedProcess): Files {
    const { node, sim } = this.#world
    if (node.crashes !== this.#crashes) this.disk.crash()
    this.#crashes = node.crashes
    const files = this.disk.attach({
      completed: () => process.wake(),
      blocked: () => undefined,
      stopped: () => void sim.schedule(0, () => node.process === process && node.crash()),
    })
    const random = process.random.derive('mount')
    if (!this.#isHealed && random.chance(this.#profile.stops)) this.disk.stopAfter(random.between(1, 80))
    return files
  }
}
