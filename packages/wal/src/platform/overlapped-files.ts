import { getSystemErrorMap } from 'node:util'
import type { FileRequest, Files } from '@disruptorx/contracts'
import { DisruptorError, TimeoutError } from '@disruptorx/contracts'
import { type FileTask, wholeNumber } from '@disruptorx/contracts/internal'
import { nodeFiles } from './node-files.ts'
import { NO_ANSWER } from './sync-queue.ts'
import { type Syncer, SyncThread } from './sync-thread.ts'

/** How {@link overlappedFiles} work. */
export interface OverlappedFilesOptions {
  /**
   * A write of so many bytes or more is left to the other thread with the sync behind it, and so is a sync alone when so many bytes were written since the one
   * before it; for fewer, two threads would take longer to wake each other than the journal has to do meanwhile. From 1 to 1 GiB. @default 256 KiB
   */
  readonly leastBytes?: number
  /** Where that thread's code is, for programs that were bundled. @default beside this module */
  readonly workerUrl?: URL
}

/** Longer than a disk that still works takes for a batch, in milliseconds. */
export const HANGS_AFTER_MS = 30_000

const onHandle = new Set<string>(['read', 'write', 'datasync', 'size', 'truncate', 'close'])
/** After these, beside writes, a file is not as it was synced, or its handle another file's. */
const changes = new Set<string>(['truncate', 'close'])

/**
 * The file system of this machine for a journal's thread that has better to do than to wait for the disk: it gathers the next batch while another thread
 * writes and syncs this one.
 *
 * A large write from shared memory is left to that thread, which goes on to the sync at once, if the large write before it was followed by one. The write is told
 * done when both are, and the sync that is asked for next has its answer by then. A sync after much was written is left to that thread too.
 * Both complete in a `poll`, everything else inside `submit`; but what comes for a file that the other thread is busy with waits for that.
 */
export class OverlappedFiles implements Files {
  readonly #files: Files
  readonly #syncer: Syncer
  readonly #leastBytes: number
  /** The other thread can write what lies in there. */
  #memory: SharedArrayBuffer | undefined
  /** Counts what changes files. */
  #changes = 0
  /** The file that was written last, how much since its last sync, and which change that write was. */
  #written = -1
  #writtenBytes = 0
  #writtenAt = 0
  /** Whether a sync was asked for right after the last large write. */
  #followed = false
  /** Left to the other thread, and not answered. */
  #underWay: FileRequest | undefined
  /** What waits for it, oldest first. */
  readonly #held: FileRequest[] = []
  /** The file of the last write that was left to the other thread, which change it was, and what came of the sync behind it, until that is asked for. */
  #left = -1
  #leftAt = 0
  #outcome: number | undefined

  /**
   * For {@link overlappedFiles} and for simulations.
   * @param files complete inside `submit`
   * @internal
   */
  constructor(files: Files, syncer: Syncer, leastBytes: number) {
    this.#files = files
    this.#syncer = syncer
    this.#leastBytes = leastBytes
  }

  /** Whether something is under way that a `poll` will complete. */
  get busy(): boolean {
    return this.#underWay !== undefined
  }

  // Hot: benchmark `wal/append1K`. No allocation.
  submit(request: FileRequest): void {
    const { operation, handle } = request
    if (this.#underWay !== undefined && handle === this.#underWay.handle && onHandle.has(operation)) this.#hold(request)
    else if (operation === 'write') this.#write(request)
    else if (operation === 'datasync') this.#datasync(request)
    else {
      if (changes.has(operation)) this.#changes++
      this.#files.submit(request)
    }
  }

  poll(): void {
    const request = this.#underWay
    if (request === undefined) return
    const outcome = this.#syncer.takeAnswer()
    if (outcome === undefined) return
    this.#underWay = undefined
    if (request.operation === 'write') this.#wrote(request, outcome)
    else complete(request, outcome, 0)
    for (const held of this.#held.splice(0)) this.submit(held)
  }

  /** Sleeps until a `poll` would complete something. False when it would not, after `timeoutMs`. Without effect unless {@link busy}. */
  wait(timeoutMs: number): boolean {
    return this.#underWay === undefined || this.#syncer.awaitAnswer(timeoutMs)
  }

  /** Carries out a task over these files, asleep while the disk works. @throws {TimeoutError} the disk hangs; what the task throws */
  run<T>(task: FileTask<T>, hangsAfterMs: number = HANGS_AFTER_MS): T {
    for (;;) {
      const { done, value } = task.next()
      if (done) return value
      if (!this.wait(hangsAfterMs)) throw new TimeoutError('the disk', hangsAfterMs)
    }
  }

  /** Lets the other thread end when it has done what it was asked. From now on everything completes inside `submit`. Safe to call twice. */
  close(): void {
    this.#syncer.close()
  }

  #hold(request: FileRequest): void {
    request.state = 'pending'
    request.error = undefined
    this.#held.push(request)
  }

  #leave(request: FileRequest, offset: number, length: number): void {
    request.state = 'pending'
    request.error = undefined
    this.#underWay = request
    this.#syncer.submit(request.handle, offset, length, request.position)
  }

  #write(request: FileRequest): void {
    if (request.handle !== this.#written) {
      this.#written = request.handle
      this.#writtenBytes = 0
    }
    this.#writtenBytes += request.length
    this.#writtenAt = ++this.#changes
    if (request.length >= this.#leastBytes) this.#writeMuch(request)
    else this.#files.submit(request)
  }

  #writeMuch(request: FileRequest): void {
    const { handle, buffer, offset, length } = request
    const followed = this.#followed
    this.#followed = false
    if (buffer.buffer instanceof SharedArrayBuffer) this.#memory ??= buffer.buffer
    const isSeen = buffer.buffer === this.#memory && offset + length <= buffer.length
    // A failed sync is kept until it is asked for: the system tells it only once.
    if (!followed || !isSeen || !this.#mayLeave || (this.#outcome ?? 0) !== 0) {
      this.#files.submit(request)
      return
    }
    this.#left = handle
    this.#leftAt = this.#writtenAt
    this.#outcome = undefined
    this.#leave(request, buffer.byteOffset + offset, length)
  }

  #wrote(request: FileRequest, outcome: number): void {
    const { written } = this.#syncer
    const synced = outcome !== NO_ANSWER && written === request.length
    if (synced) this.#outcome = outcome
    complete(request, synced ? 0 : outcome, written)
  }

  #datasync(request: FileRequest): void {
    const { handle } = request
    const unsynced = handle === this.#written ? this.#writtenBytes : 0
    const isLarge = unsynced >= this.#leastBytes
    this.#writtenBytes -= unsynced
    if (isLarge) {
      this.#followed = this.#changes === this.#writtenAt
      if (this.#memory !== undefined) this.#syncer.start(this.#memory)
    }
    const outcome = handle === this.#left ? this.#takeOutcome() : undefined
    if (outcome !== undefined) complete(request, outcome, 0)
    else if (isLarge && this.#mayLeave) this.#leave(request, 0, 0)
    else this.#files.submit(request)
  }

  /** What came of the sync behind the last write that was left to the other thread: that it succeeded counts as long as nothing was changed since. */
  #takeOutcome(): number | undefined {
    const outcome = this.#outcome
    this.#outcome = undefined
    return outcome === 0 && this.#changes !== this.#leftAt ? undefined : outcome
  }

  get #mayLeave(): boolean {
    return this.#underWay === undefined && this.#syncer.ready
  }
}

function complete(request: FileRequest, outcome: number, result: number): void {
  if (outcome === 0) {
    request.result = result
    request.error = undefined
    request.state = 'done'
  } else {
    request.error = errorOf(outcome, request.operation === 'write' ? 'write' : 'fdatasync')
    request.state = 'failed'
  }
}

function errorOf(outcome: number, syscall: string): Error {
  if (outcome === NO_ANSWER) return new DisruptorError('DX_THREAD_DIED', 'the thread for syncs died before it had answered')
  const [code = 'EIO', reason = 'unknown error'] = getSystemErrorMap().get(outcome) ?? []
  return Object.assign(new Error(`${code}: ${reason}, ${syscall}`), { code, errno: outcome, syscall })
}

/**
 * Files for one journal on this thread, which another thread helps: hand them over to `openJournalStep` in place of `nodeFiles()`. The other thread is started by the first
 * sync that is worth it, and keeps no process alive. Until it runs, on a machine with a single core, and when it cannot be started, everything
 * completes inside `submit`.
 *
 * @throws {OptionError}
 */
export function overlappedFiles(options: OverlappedFilesOptions = {}): OverlappedFiles {
  const leastBytes = wholeNumber('leastBytes', options.leastBytes ?? 256 * 1024, 1, 1024 ** 3)
  return new OverlappedFiles(nodeFiles(), new SyncThread(options.workerUrl), leastBytes)
}
