import type { FileRequest, Files } from '@disruptorx/contracts'
import { SeededRandom } from '../seeded-random.ts'
import { ChaoticFate } from './crash-fate.ts'
import type { Inode } from './inode.ts'
import { PlainMedium, systemError } from './medium.ts'
import { contentOf, OpenFiles, replaceContent } from './open-files.ts'
import { Tree } from './tree.ts'

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

/**
 * Files in memory whose machine can crash: the port `Files` as a disk that keeps exactly what it promised.
 *
 * What was not synced when {@link crash} is called is kept, lost or torn, each sector of 512 bytes and each change of a directory by itself, as the seed
 * decides. A sync that fails leaves what Linux leaves: bytes that read well, count as clean, and are not on the disk. `make-directory` is
 * durable at once. It knows no time: `SimulatedDisk` is the disk of a simulation, with every fault at a rate of its own.
 *
 * @example
 * const files = new SimulatedFiles({ seed: 1 })
 * const after = files.crash()          // the same disk, after the power came back
 */
export class SimulatedFiles implements Files {
  readonly #options: SimulatedFilesOptions
  readonly #random: SeededRandom
  readonly #tree: Tree
  readonly #files: OpenFiles
  readonly #counts = new Map<string, number>()
  #queue: FileRequest[] = []
  #operations = 0
  #stopped = false

  /** @param tree the disk, when it is not a new one: for {@link crash} and {@link restart} */
  constructor(options: SimulatedFilesOptions, tree: Tree = new Tree()) {
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.#tree = tree
    this.#files = new OpenFiles(tree, new ShortMedium(tree, this.#random, options.shortWrites ?? 0), true)
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
    this.#tree.crash(new ChaoticFate(this.#random))
    return this.#successor(options)
  }

  /** The process dies and starts again; the machine goes on, so everything written is there, synced or not. Otherwise as {@link crash}. */
  restart(options: Partial<SimulatedFilesOptions> = {}): SimulatedFiles {
    this.#abandon()
    return this.#successor(options)
  }

  /** What a file holds now, as a program reads it; `undefined` when there is none. */
  content(path: string): Uint8Array | undefined {
    return contentOf(this.#tree, path)
  }

  /** The number of the file that has this name now, as `SimulatedDisk.inodeOf` says it: the same on a disk and on what is on its platter. */
  inodeOf(path: string): number | undefined {
    return this.#tree.find(path)?.number
  }

  /** Sets what a file holds, on stable storage at once: how a test damages one. */
  replace(path: string, content: Uint8Array): void {
    replaceContent(this.#tree, path, content)
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
      request.result = this.#files.carryOut(request)
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
    if (this.#stopped) throw systemError('EIO', request.operation, 'the machine stands still')
    this.#operations++
    const nth = (this.#counts.get(request.operation) ?? 0) + 1
    this.#counts.set(request.operation, nth)
    const fault = this.#options.fault?.(request, nth)
    if (fault === undefined) return
    if (request.operation === 'datasync') this.#files.inodeOf(request.handle)?.forgetfulSync(() => this.#random.chance(0.5))
    throw systemError(fault, request.operation, 'as the test wants it')
  }

  /** What a request changes, when nobody is left to be told. */
  #takeEffect(request: FileRequest): void {
    try {
      this.#files.carryOut(request)
    } catch {
      // Refused, so it changed nothing.
    }
  }
}

/** Takes only a part of some writes. */
class ShortMedium extends PlainMedium {
  readonly #random: SeededRandom
  readonly #likelihood: number

  constructor(tree: Tree, random: SeededRandom, likelihood: number) {
    super(tree)
    this.#random = random
    this.#likelihood = likelihood
  }

  override write(inode: Inode, bytes: Uint8Array, position: number): number {
    const short = bytes.length > 1 && this.#random.chance(this.#likelihood)
    return super.write(inode, short ? bytes.subarray(0, this.#random.between(1, bytes.length - 1)) : bytes, position)
  }
}
