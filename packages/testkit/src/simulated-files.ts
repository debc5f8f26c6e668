import type { FileRequest, Files } from '@disruptorx/contracts'
import { SeededRandom } from './seeded-random.ts'
import type { SimulatedInode } from './simulated-files-inode.ts'
import { parentOf, SimulatedTree } from './simulated-files-tree.ts'

/** What a simulated disk may fail with. */
export type SimulatedFault = 'EIO' | 'ENOSPC'

/** How simulated files behave. */
export interface SimulatedFilesOptions {
  /** Decides everything that is left to chance. A whole number from 0 to 2^53 - 1. */
  readonly seed: number
  /** Whether requests complete inside `submit`, as with a blocking implementation, or in some later `poll`. @default 'submit' */
  readonly completion?: 'submit' | 'poll'
  /** How likely a write takes only a part of its bytes, from 0 to 1. @default 0 */
  readonly shortWrites?: number
  /** Fails a request: called with it and with how many of its operation there were, this one included. @default none fails */
  readonly fault?: (request: Readonly<FileRequest>, nth: number) => SimulatedFault | undefined
  /** After so many requests the machine stands still: the next one takes effect or not, and it and all later ones fail with `EIO`. @default never */
  readonly stopAfter?: number
}

/** What is open on a simulated disk under a number. */
interface Open {
  readonly path: string
  /** `undefined` for a lock. */
  readonly inode: SimulatedInode | undefined
}

/**
 * Files in memory whose machine can crash: the port `Files` as a disk that keeps exactly what it promised.
 *
 * What was not synced when {@link crash} is called is kept, lost or torn, each sector of 512 bytes and each change of a directory by itself, as the seed
 * decides. A sync that fails leaves what Linux leaves: bytes that read well, count as clean, and are not on the disk. `make-directory` is
 * durable at once.
 *
 * @example
 * const files = new SimulatedFiles({ seed: 1 })
 * const after = files.crash()          // the same disk, after the power came back
 */
export class SimulatedFiles implements Files {
  readonly #options: SimulatedFilesOptions
  readonly #random: SeededRandom
  readonly #tree: SimulatedTree
  readonly #open = new Map<number, Open>()
  readonly #locked = new Set<string>()
  readonly #counts = new Map<string, number>()
  #queue: FileRequest[] = []
  #nextHandle = 1
  #operations = 0
  #stopped = false

  /** @param tree the disk, when it is not a new one: for {@link crash} and {@link restart} */
  constructor(options: SimulatedFilesOptions, tree: SimulatedTree = new SimulatedTree()) {
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.#tree = tree
  }

  /** Requests carried out so far. */
  get operations(): number {
    return this.#operations
  }

  /** Whether the machine stands still: after `stopAfter` requests, or after a crash or a restart. */
  get stopped(): boolean {
    return this.#stopped
  }

  submit(request: FileRequest): void {
    request.state = 'pending'
    request.error = undefined
    if (this.#options.completion === 'poll') this.#queue.push(request)
    else this.#complete(request)
  }

  poll(): void {
    const blocked = new Set<number>()
    const rest: FileRequest[] = []
    for (const request of this.#queue) {
      const first = !blocked.has(request.handle)
      if (first && this.#random.chance(0.5)) this.#complete(request)
      else {
        blocked.add(request.handle)
        rest.push(request)
      }
    }
    this.#queue = rest
  }

  /**
   * The machine crashes and starts again. Returns its files, with nothing open and nothing locked; this object is of no more use.
   * Options not given stay as they are, but for `stopAfter` and `fault`, which end.
   */
  crash(options: Partial<SimulatedFilesOptions> = {}): SimulatedFiles {
    this.#abandon()
    this.#tree.crash(this.#random)
    return this.#successor(options)
  }

  /** The process dies and starts again; the machine goes on, so everything written is there, synced or not. Otherwise as {@link crash}. */
  restart(options: Partial<SimulatedFilesOptions> = {}): SimulatedFiles {
    this.#abandon()
    return this.#successor(options)
  }

  /** What a file holds now, as a program reads it; `undefined` when there is none. */
  content(path: string): Uint8Array | undefined {
    const inode = this.#tree.find(path)
    if (inode === undefined) return undefined
    const bytes = new Uint8Array(inode.size)
    inode.read(bytes, 0)
    return bytes
  }

  /** Sets what a file holds, on stable storage at once: how a test damages one. */
  replace(path: string, content: Uint8Array): void {
    const inode = this.#tree.find(path) ?? this.#tree.create(path)
    inode.truncate(content.length)
    inode.write(content, 0)
    inode.sync()
    this.#tree.sync(parentOf(path))
  }

  #successor(options: Partial<SimulatedFilesOptions>): SimulatedFiles {
    const { stopAfter, fault, ...kept } = this.#options
    return new SimulatedFiles({ ...kept, seed: this.#random.u32(), ...options }, this.#tree)
  }

  /** Requests that wait when the process dies took effect or not. */
  #abandon(): void {
    if (this.#stopped && this.#queue.length === 0) return
    for (const request of this.#queue) if (this.#random.chance(0.5)) this.#takeEffect(request)
    this.#queue = []
    this.#stopped = true
  }

  #complete(request: FileRequest): void {
    try {
      this.#admit(request)
      request.result = this.#carryOut(request)
      request.state = 'done'
    } catch (error) {
      request.error = error as Error & { readonly code?: string }
      request.state = 'failed'
    }
  }

  /** @throws when the machine stands still, or when the test wants this request to fail */
  #admit(request: FileRequest): void {
    if (!this.#stopped && this.#operations === this.#options.stopAfter) {
      if (this.#random.chance(0.5)) this.#takeEffect(request)
      this.#stopped = true
    }
    if (this.#stopped) throw systemError('EIO', request, 'the machine stands still')
    this.#operations++
    const nth = (this.#counts.get(request.operation) ?? 0) + 1
    this.#counts.set(request.operation, nth)
    const fault = this.#options.fault?.(request, nth)
    if (fault === undefined) return
    if (request.operation === 'datasync') this.#open.get(request.handle)?.inode?.failSync(this.#random)
    throw systemError(fault, request, 'as the test wants it')
  }

  /** What a request changes, when nobody is left to be told. */
  #takeEffect(request: FileRequest): void {
    try {
      this.#carryOut(request)
    } catch {
      // Refused, so it changed nothing.
    }
  }

  #carryOut(request: FileRequest): number {
    const { operation, path, target } = request
    switch (operation) {
      case 'open':
        return this.#openFile(request)
      case 'lock':
        return this.#lock(request)
      case 'remove':
        if (!this.#tree.remove(path)) throw systemError('ENOENT', request, path)
        return 0
      case 'rename':
        if (!this.#tree.rename(path, target)) throw systemError('ENOENT', request, path)
        return 0
      case 'list':
        request.names = this.#tree.list(path)
        return request.names.length
      case 'make-directory':
        return 0
      case 'sync-directory':
        this.#tree.sync(path)
        return 0
      case 'close':
        return this.#close(request)
      default:
        return this.#carryOutOnFile(request)
    }
  }

  #carryOutOnFile(request: FileRequest): number {
    const { operation, handle, buffer, offset, length, position } = request
    const inode = this.#open.get(handle)?.inode
    if (inode === undefined) throw systemError('EBADF', request, `handle ${handle}`)
    if (operation === 'size') return inode.size
    if (operation === 'read') return inode.read(buffer.subarray(offset, offset + length), position)
    if (operation === 'write') {
      const short = length > 1 && this.#random.chance(this.#options.shortWrites ?? 0)
      const taken = short ? this.#random.between(1, length - 1) : length
      inode.write(buffer.subarray(offset, offset + taken), position)
      return taken
    }
    if (operation === 'datasync') inode.sync()
    else inode.truncate(length)
    return 0
  }

  #openFile(request: FileRequest): number {
    const { path, mode } = request
    const found = this.#tree.find(path)
    if (found !== undefined && mode === 'exclusive') throw systemError('EEXIST', request, path)
    if (found === undefined && (mode === 'read' || mode === 'write')) throw systemError('ENOENT', request, path)
    return this.#register({ path, inode: found ?? this.#tree.create(path) })
  }

  #lock(request: FileRequest): number {
    const { path } = request
    if (this.#locked.has(path)) throw systemError('EBUSY', request, path)
    this.#locked.add(path)
    return this.#register({ path, inode: undefined })
  }

  #register(open: Open): number {
    const handle = this.#nextHandle++
    this.#open.set(handle, open)
    return handle
  }

  #close(request: FileRequest): number {
    const open = this.#open.get(request.handle)
    if (open === undefined) throw systemError('EBADF', request, `handle ${request.handle}`)
    this.#open.delete(request.handle)
    if (open.inode === undefined) this.#locked.delete(open.path)
    return 0
  }
}

function systemError(code: string, request: FileRequest, why: string): Error {
  return Object.assign(new Error(`${code}: ${request.operation}: ${why}`), { code })
}
