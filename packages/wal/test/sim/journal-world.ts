import { diskFaults, Nemesis, nodeFaults, SimulatedNode, type SimulatedProcess, type Simulation } from '@disruptorx/testkit'
import type { Recovery } from '../../src/index.ts'
import { aimedRot } from './aimed-rot.ts'
import { type SimulatedArchiving, SlowArchive } from './archive.ts'
import { DamageBook, segmentOf } from './damage-book.ts'
import { DiskArchive } from './disk-archive.ts'
import { isOfDisk } from './disk-errors.ts'
import { endLife } from './end-life.ts'
import { JournalLife } from './journal-life.ts'
import { Layout } from './layout.ts'
import { Ledger } from './ledger.ts'
import { checkPlatter } from './platter.ts'
import { drawProfile, latency, type Profile } from './profile.ts'
import { Texts } from './user.ts'

/** Acknowledgements that a world which has healed must reach. */
const GOAL = 20
/** After so many refusals in a row nothing will change any more. */
const MOST_REFUSALS = 3

/** One machine with a journal, and everything that is known about it from outside. */
export class JournalWorld {
  readonly sim: Simulation
  readonly profile: Profile
  readonly node: SimulatedNode
  readonly ledger = new Ledger()
  readonly layout: Layout
  readonly damages: DamageBook
  readonly texts = new Texts()
  readonly archive: SimulatedArchiving | undefined
  life: JournalLife | undefined
  #crashes = 0
  /** Whether a sync has failed since the promise, so that the cache may show what nobody will ever write. */
  #forgetful = 0
  #refusals = 0
  /** Damage was met in a segment that opening did not read: the next one reads all. */
  mustVerify = false
  /** The journal was closed in good order, and nothing happened since. */
  isClosed = false
  /** The world has healed: the user ends nothing by himself. */
  isEnding = false

  constructor(sim: Simulation, options: { readonly damages: boolean }) {
    this.sim = sim
    this.profile = drawProfile(sim.randomFor('profile'), options.damages)
    this.layout = new Layout({
      writing: piece => this.damages.writing(piece),
      renamed: path => this.#renamed(path),
      violated: error => sim.fail(error, 'invariant'),
    })
    this.archive = this.#newArchive()
    const world = this
    this.damages = new DamageBook({
      layout: this.layout,
      get syncedLsn() {
        return world.ledger.syncedLsn
      },
      contentOf: path => this.node.disk.content(path),
      inodeOf: path => this.node.disk.inodeOf(path),
    })
    const { faults, completion } = this.profile
    this.node = new SimulatedNode(sim, {
      name: 'n1',
      disk: { faults, completion, latency, atlas: this.damages.atlas },
      start: process => this.#start(process),
      onError: error => (isOfDisk(error) ? 'exit' : 'fail'),
      restartAfterMs: { least: 1, most: 10 },
    })
    sim.invariant('a crash at this moment loses nothing', () => checkPlatter(this), Number.POSITIVE_INFINITY)
  }

  /** Whether the journal has been refused so often that it will always be. */
  get isRefused(): boolean {
    return this.#refusals >= MOST_REFUSALS
  }

  /** Everything up to this LSN must be there at the next opening, if the machine did not lose it without a trace. */
  get keptLsn(): number {
    const { syncedLsn, takenLsn } = this.ledger
    const mayBeLost = this.node.crashes !== this.#crashes || this.node.disk.faults.times('forgetfulSyncs') !== this.#forgetful
    return Math.min(mayBeLost ? syncedLsn : takenLsn, this.layout.lostLsn - 1)
  }

  /** The journal is open and right. */
  opened({ reindexed, repaired }: Recovery): void {
    this.#refusals = 0
    this.#crashes = this.node.crashes
    this.#forgetful = this.node.disk.faults.times('forgetfulSyncs')
    this.sim.facts.count('openings')
    this.sim.facts.count('reindexed', reindexed.length)
    this.sim.facts.count('repaired', repaired.length)
  }

  /** The journal was refused, or an entry of it could not be read. @throws when that is not right */
  refused(error: unknown): void {
    const isJustified = isOfDisk(error) ? this.damages.justifiesUnreadable(error) : this.damages.justifies(error)
    if (!isJustified) throw error
    this.sim.facts.count('refusals')
    this.sim.trace?.record('user', 'is refused', { error: String((error as Error).message) })
    this.#refusals++
  }

  /** Lets everything happen that can, then nothing more: what must be true in the end is. */
  async run(forMs: number): Promise<void> {
    const { sim, node } = this
    const nemesis = this.#nemesis()
    node.start()
    nemesis.start()
    await sim.run({ forMs, until: () => this.isRefused })
    nemesis.stop()
    node.heal()
    this.archive?.heal()
    this.isEnding = true
    // A life that meets damage ends, and another one begins, or is refused.
    while (!(await this.#endsWell())) if (this.isRefused) return await this.#restore()
    await this.archive?.checkEnd(this)
  }

  #newArchive(): SimulatedArchiving | undefined {
    const { archives } = this.profile
    if (archives === 'nothing') return undefined
    if (archives === 'stand-in') return new SlowArchive(this.sim.randomFor('archive'), () => this.layout.newestSegment)
    return new DiskArchive(this, archives)
  }

  #nemesis(): Nemesis {
    const { node, layout } = this
    const { damages } = this.profile
    return new Nemesis(this.sim, {
      kinds: [
        ...nodeFaults([node], {
          weights: { crash: 6, crashAtRequest: 8, kill: 3, pause: 1, clockJump: 0.5, clockDrift: 0.5 },
          downMs: { least: 1, most: 10 },
          pauseMs: { least: 1, most: 50 },
        }),
        ...diskFaults([node], {
          weights: { stall: 0.5, full: 0.5, failing: 1, rot: damages ? 1 : 0, spoil: damages ? 0.3 : 0 },
          lastsMs: { least: 2, most: 30 },
        }),
        aimedRot(node, layout, damages ? 2 : 0),
      ],
      everyMs: { least: 1, most: 30 },
    })
  }

  async #endsWell(): Promise<boolean> {
    const { sim } = this
    const goal = sim.facts.of('acknowledged') + GOAL
    const isWell = () => this.life?.isOpen === true && sim.facts.of('acknowledged') >= goal
    await sim.eventually('it takes entries again, or is refused', () => this.isRefused || isWell(), 20_000)
    return !this.isRefused && this.life !== undefined && (await endLife(this, this.life))
  }

  /** A journal that was refused has changed nothing: with the damage undone, all is there. */
  async #restore(): Promise<void> {
    const { sim, node } = this
    node.kill()
    sim.facts.count('refused for good')
    if (!this.damages.restore(node.disk)) return
    this.layout.restored()
    sim.facts.count('restored')
    this.#refusals = 0
    const before = sim.facts.of('openings')
    node.start()
    await sim.eventually('it opens when it is restored', () => sim.facts.of('openings') > before, 20_000)
  }

  #renamed(path: string): void {
    const segment = segmentOf(path)
    try {
      if (segment !== undefined) this.archive?.checkGone(segment, this.node.disk.content(path))
    } catch (error) {
      this.sim.fail(error, 'invariant')
    }
  }

  #start(process: SimulatedProcess): void {
    if (this.isRefused) return
    this.damages.startLife()
    this.life = new JournalLife(this, process)
  }
}
