import type { SeededRandom } from './seeded-random.ts'
import { SimulatedInode } from './simulated-files-inode.ts'

/** A change of a directory that is not yet on stable storage. */
type Change =
  | { readonly kind: 'link'; readonly path: string; readonly inode: SimulatedInode }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly target: string; readonly inode: SimulatedInode }

/** The names of a simulated disk: what programs see, and what a crash would leave. Directories themselves are always durable. */
export class SimulatedTree {
  #names = new Map<string, SimulatedInode>()
  readonly #stable = new Map<string, SimulatedInode>()
  #pending: Change[] = []
  /** Every file that a crash may leave behind under some name. */
  readonly #inodes = new Set<SimulatedInode>()

  find(path: string): SimulatedInode | undefined {
    return this.#names.get(path)
  }

  create(path: string): SimulatedInode {
    const inode = new SimulatedInode()
    this.#inodes.add(inode)
    this.#apply({ kind: 'link', path, inode })
    return inode
  }

  /** False when there is no such file. */
  remove(path: string): boolean {
    if (!this.#names.has(path)) return false
    this.#apply({ kind: 'unlink', path })
    return true
  }

  /** False when there is no such file. */
  rename(path: string, target: string): boolean {
    const inode = this.#names.get(path)
    if (inode === undefined) return false
    this.#apply({ kind: 'rename', path, target, inode })
    return true
  }

  /** Names of the files in a directory, sorted. */
  list(dir: string): string[] {
    const paths = [...this.#names.keys()].filter(path => parentOf(path) === dir)
    return paths.map(path => path.slice(path.lastIndexOf('/') + 1)).sort()
  }

  /** Every change in a directory so far is on stable storage. */
  sync(dir: string): void {
    const rest: Change[] = []
    for (const change of this.#pending) {
      if (parentOf(change.path) === dir || (change.kind === 'rename' && parentOf(change.target) === dir)) carryOut(this.#stable, change)
      else rest.push(change)
    }
    this.#pending = rest
  }

  /** The machine stops. Each change that was not synced is kept or lost by itself. */
  crash(random: SeededRandom): void {
    for (const change of this.#pending) if (random.chance(0.5)) carryOut(this.#stable, change)
    this.#pending = []
    this.#names = new Map(this.#stable)
    for (const inode of this.#inodes) inode.crash(random)
  }

  #apply(change: Change): void {
    carryOut(this.#names, change)
    this.#pending.push(change)
  }
}

function carryOut(names: Map<string, SimulatedInode>, change: Change): void {
  if (change.kind === 'link') names.set(change.path, change.inode)
  else if (change.kind === 'unlink') names.delete(change.path)
  else {
    if (names.get(change.path) === change.inode) names.delete(change.path)
    names.set(change.target, change.inode)
  }
}

/** The directory that a path lies in. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash)
}
