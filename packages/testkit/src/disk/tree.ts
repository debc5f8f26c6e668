import type { CrashFate } from './crash-fate.ts'
import { CrashReport } from './crash-report.ts'
import { Inode } from './inode.ts'

/** A change of a directory that is not yet on stable storage. */
type Change =
  | { readonly kind: 'link'; readonly serial: number; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'unlink'; readonly serial: number; readonly path: string }
  | { readonly kind: 'rename'; readonly serial: number; readonly path: string; readonly target: string; readonly inode: Inode }
  | { readonly kind: 'directory'; readonly serial: number; readonly path: string }

/** The names of a simulated disk: what programs see, and what a crash would leave. */
export class Tree {
  #names = new Map<string, Inode>()
  readonly #stable = new Map<string, Inode>()
  readonly #directories = new Set<string>()
  #pending: Change[] = []
  /** Every file that a crash may leave behind under some name. */
  readonly #inodes = new Set<Inode>()
  #serial = 0
  /** Files that were ever made. */
  #made = 0

  /** Numbers the next change of this disk. */
  nextSerial(): number {
    return ++this.#serial
  }

  find(path: string): Inode | undefined {
    return this.#names.get(path)
  }

  create(path: string): Inode {
    const inode = new Inode(++this.#made, path)
    this.#inodes.add(inode)
    this.#apply({ kind: 'link', serial: this.nextSerial(), path, inode })
    return inode
  }

  /** False when there is no such file. */
  remove(path: string): boolean {
    if (!this.#names.has(path)) return false
    this.#apply({ kind: 'unlink', serial: this.nextSerial(), path })
    return true
  }

  /** False when there is no such file. */
  rename(path: string, target: string): boolean {
    const inode = this.#names.get(path)
    if (inode === undefined) return false
    inode.path = target
    this.#apply({ kind: 'rename', serial: this.nextSerial(), path, target, inode })
    return true
  }

  /** Makes a directory and those above it, where they are missing. Each may be lost until the one above it is synced. */
  makeDirectory(path: string): void {
    if (this.#directories.has(path)) return
    const parent = parentOf(path)
    if (parent !== path && parent !== '.' && parent !== '/') this.makeDirectory(parent)
    this.#directories.add(path)
    this.#pending.push({ kind: 'directory', serial: this.nextSerial(), path })
  }

  /** Names of the files in a directory, sorted. */
  list(dir: string): string[] {
    const paths = [...this.#names.keys()].filter(path => parentOf(path) === dir)
    return paths.map(path => path.slice(path.lastIndexOf('/') + 1)).sort()
  }

  /** Every file that has a name, with it, in the order of their making. */
  files(): IterableIterator<[string, Inode]> {
    return this.#names.entries()
  }

  /** Bytes of all files. */
  get bytes(): number {
    let sum = 0
    for (const inode of this.#names.values()) sum += inode.size
    return sum
  }

  /** Every change in a directory so far is on stable storage. */
  sync(dir: string): void {
    const rest: Change[] = []
    for (const change of this.#pending) {
      if (parentOf(change.path) === dir || (change.kind === 'rename' && parentOf(change.target) === dir)) carryOut(this.#stable, change)
      else rest.push(change)
    }
    this.#pending = rest
    if (this.#inodes.size > 2 * this.#names.size + 16) this.#forgetNameless()
  }

  /** The numbers of changes that are not on stable storage, oldest first: those of directories, and those of files. */
  unsynced(): { readonly entries: readonly number[]; readonly content: readonly number[] } {
    const content = new Set<number>()
    for (const inode of this.#inodes) inode.collectSerials(content)
    return { entries: this.#pending.map(({ serial }) => serial), content: [...content].sort((a, b) => a - b) }
  }

  /** A tree without files. Those that will be made in it get numbers that none of this tree has. */
  empty(): Tree {
    const tree = new Tree()
    tree.#made = this.#made
    return tree
  }

  /** A tree of its own with what is on stable storage, names and content. */
  copyOfPlatter(): Tree {
    const copy = this.empty()
    const copies = new Map<Inode, Inode>()
    for (const [path, inode] of this.#stable) {
      const file = copies.get(inode) ?? inode.copyOfPlatter()
      copies.set(inode, file)
      copy.#stable.set(path, file)
      copy.#names.set(path, file)
      copy.#inodes.add(file)
    }
    return copy
  }

  /** The machine stops. What was not synced is kept or lost as the fate decides. */
  crash(fate: CrashFate): CrashReport {
    const report = new CrashReport()
    const lost: string[] = []
    for (const change of this.#pending) {
      const kept = fate.keepsEntry(change.serial)
      report.entry(change.serial, kept)
      if (kept) carryOut(this.#stable, change)
      else if (change.kind === 'directory') lost.push(change.path)
    }
    this.#pending = []
    for (const directory of lost) this.#lose(directory)
    this.#names = new Map(this.#stable)
    for (const [path, inode] of this.#names) inode.path = path
    this.#forgetNameless()
    for (const inode of this.#inodes) inode.crash(fate, report)
    return report
  }

  /** A directory that is gone takes along what was in it. */
  #lose(directory: string): void {
    const below = `${directory}/`
    for (const path of this.#directories) if (path === directory || path.startsWith(below)) this.#directories.delete(path)
    for (const path of this.#stable.keys()) if (path.startsWith(below)) this.#stable.delete(path)
  }

  /** Files without a name now, or after a crash, are of no more interest: whoever has them open keeps them. */
  #forgetNameless(): void {
    this.#inodes.clear()
    for (const inode of this.#stable.values()) this.#inodes.add(inode)
    for (const inode of this.#names.values()) this.#inodes.add(inode)
    for (const change of this.#pending) if ('inode' in change) this.#inodes.add(change.inode)
  }

  #apply(change: Change): void {
    carryOut(this.#names, change)
    this.#pending.push(change)
  }
}

function carryOut(names: Map<string, Inode>, change: Change): void {
  if (change.kind === 'link') names.set(change.path, change.inode)
  else if (change.kind === 'unlink') names.delete(change.path)
  else if (change.kind === 'rename') {
    if (names.get(change.path) === change.inode) names.delete(change.path)
    names.set(change.target, change.inode)
  }
}

/** The directory that a path lies in. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash)
}
