import type { FileRequest, Files } from '@disruptorx/contracts'
import { type DamageRange, FaultAtlas, type SeededRandom, type SimulatedDiskOptions, swarm } from '@disruptorx/testkit'
import { JOURNAL_DIR } from './member-log.ts'

/** What an honest disk does: it forgets what was not synced, and says when it fails. */
const honest = {
  readErrors: 0.002,
  shortReads: 0.1,
  writeErrors: 0.001,
  noSpace: 0.001,
  shortWrites: 0.1,
  syncErrors: 0.001,
  forgetfulSyncs: 0.002,
  entryErrors: 0.002,
  slowSyncs: 0.02,
  stalls: 0.0005,
}

/** What a crash may take: each of it always, often, or never, so that what one loss would hide shows in another seed. */
const ofCrashes = ['lostWrites', 'reorderedWrites', 'tornSectors', 'lostEntries'] as const

/** What a disk does that lies: only to a node whose loss the others survive. */
export const lies = { bitFlips: 0.02, bitRot: 0.02, badSectors: 0.005, misdirectedWrites: 0.05 }

/** Newest writes that nothing may prove to be durable yet: a journal that lost one to damage could not tell that from a torn write, and would be right to cut it. */
const UNPROVEN_WRITES = 8

/** The disk of one member, and what on it must survive for every run to have a right answer. */
export class MemberDisk {
  readonly options: Omit<SimulatedDiskOptions, 'name'>
  /** Whether an opening is under way: what it writes proves itself only when it is done. */
  isOpening = true
  readonly atlas: FaultAtlas
  #newest: { readonly path: string; readonly position: number }[] = []

  constructor(random: SeededRandom) {
    this.atlas = new FaultAtlas({
      damageable: 1,
      keysOf: range => (this.#mustSurvive(range) ? 'must-survive' : ['anything']),
    })
    this.options = {
      faults: {
        ...swarm(honest, random),
        ...Object.fromEntries(ofCrashes.map(kind => [kind, random.derive(kind).pick([0, 0.7, 1])])),
      },
      completion: random.pick(['later', 'later', 'at-once'] as const),
      latency: {
        writeUs: { least: 20, most: 300 },
        syncUs: { least: 200, most: 6_000 },
        stallMs: { least: 5, most: 300 },
        slowSyncMs: { least: 10, most: 300 },
      },
      atlas: this.atlas,
    }
  }

  /** The port of one process, watched. */
  watch(files: Files): Files {
    const paths = new Map<number, string>()
    const opening = new Map<FileRequest, string>()
    const settle = () => {
      for (const [request, path] of opening) {
        if (request.state === 'pending') continue
        if (request.state === 'done') paths.set(request.result, path)
        opening.delete(request)
      }
    }
    return {
      submit: request => {
        const { operation, handle, path, target, position } = request
        if (operation === 'open') opening.set(request, path)
        else if (operation === 'rename') for (const [held, name] of paths) if (name === path) paths.set(held, target)
        if (operation === 'write') this.#written(paths.get(handle) ?? '', position)
        files.submit(request)
        settle()
      },
      poll: () => {
        files.poll()
        settle()
      },
    }
  }

  /** An empty disk took its place. */
  wiped(name: string): void {
    this.#newest = []
    this.isOpening = true
    this.atlas.healed(name)
  }

  #written(path: string, position: number): void {
    if (!path.startsWith(JOURNAL_DIR)) return
    this.#newest.push({ path, position })
    if (this.#newest.length > UNPROVEN_WRITES) this.#newest.shift()
  }

  #mustSurvive({ path, position, length, isMeant }: DamageRange): boolean {
    if (!path.startsWith(JOURNAL_DIR)) return false
    const [first] = this.#newest
    if (first === undefined || !path.endsWith('.seg') || (isMeant === true && this.isOpening)) return true
    return path > first.path || (path === first.path && position + length > first.position)
  }
}
