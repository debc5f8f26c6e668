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
   * A sync is left to the other thread when so many bytes were written since the one before it; for fewer, two threads would take longer to wake each other than
   * the journal has to do meanwhile. From 1 to 1 GiB. @default 256 KiB
   */
  readonly leastBytes?: number
  /** Where that thread's code is, for programs that were bundled. @default beside this module */
  readonly workerUrl?: URL
}

/** Longer than a disk that still works takes for a batch, in milliseconds. */
export const HANGS_AFTER_MS = 30_000

const onHandle = new Set<string>(['read', 'write', 'datasync', 'size', 'truncate', 'close'])

/**
 * The file system of this machine for a journal's thread that has better to do than to wait for the disk: it gathers the next batch while another thread
 * waits for the sync of this one.
 *
 * A sync after much was written completes in a `poll`. Everything else completes inside `submit`, also writes, which only copy into the system's cache;
 * but what comes for a file that is being synced waits for that.
 */
export class OverlappedFiles implements Files {
  readonly #files: Files
  readonly #syncer: Syncer
  readonly #leastBytes: number
  /** The file that was written last, and how much since its last sync. */
  #written = -1
  #writtenBytes = 0
  /** Left to the other thread, and not answered. */
  #sync: FileRequest | undefined
  /** What waits for it, oldest first. */
  readonly #held: FileRequest[] = []

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

  /** Whether a sync is under way that a `poll` will complete. */
  get busy(): boolean {
    return this.#sync !== undefined
  }

  // Hot: benchmark `wal/append1K`. No allocation.
  submit(request: FileRequest): void {
    const { operation, handle } = request
    if (this.#sync !== undefined && handle === this.#sync.handle && onHandle.has(operation)) this.#hold(request)
    else if (operation === 'write') this.#write(request)
    else if (operation === 'datasync' && handle === this.#written) this.#datasync(request)
    else this.#files.submit(request)
  }

  poll(): void {
    const sync = this.#sync
    if (sync === undefined) return
    const outcome = this.#syncer.takeAnswer()
    if (outcome === undefined) return
    complete(sync, outcome)
    this.#sync = undefined
    for (const request of this.#held.splice(0)) this.submit(request)
  }

  /** Sleeps until a `poll` would complete something. False when it would not, after `timeoutMs`. Without effect unless {@link busy}. */
  wait(timeoutMs: number): boolean {
    return this.#sync === undefined || this.#syncer.awaitAnswer(timeoutMs)
  }

  /** Carries out a task over these files, asleep while the disk works. @throws {TimeoutError} the disk hangs; what the task throws */
  run<T>(task: FileTask<T>, hangsAfterMs: number = HANGS_AFTER_MS): T {
    for (;;) {
      const { done, value } = task.next()
      if (done) return value
      if (!this.wait(hangsAfterMs)) throw new TimeoutError('a sync', hangsAfterMs)
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

  #write(request: FileRequest): void {
    if (request.handle !== this.#written) {
      this.#written = request.handle
      this.#writtenBytes = 0
    }
    this.#writtenBytes += request.length
    // The copy takes about as long as the other thread takes to wake up.
    if (this.#mayOverlap) this.#syncer.rouse()
    this.#files.submit(request)
  }

  #datasync(request: FileRequest): void {
    const overlaps = this.#mayOverlap
    if (this.#writtenBytes >= this.#leastBytes) this.#syncer.start()
    this.#writtenBytes = 0
    if (overlaps) {
      request.state = 'pending'
      request.error = undefined
      this.#sync = request
      this.#syncer.submit(request.handle)
    } else this.#files.submit(request)
  }

  get #mayOverlap(): boolean {
    return this.#writtenBytes >= this.#leastBytes && this.#sync === undefined && this.#syncer.ready
  }
}

function complete(request: FileRequest, outcome: number): void {
  if (outcome === 0) {
    request.result = 0
    request.state = 'done'
    return
  }
  if (outcome === NO_ANSWER) {
    fail(request, new DisruptorError('DX_THREAD_DIED', 'the thread for syncs died before one was done'))
    return
  }
  const [code = 'EIO', reason = 'unknown error'] = getSystemErrorMap().get(outcome) ?? []
  fail(request, Object.assign(new Error(`${code}: ${reason}, fdatasync`), { code, errno: outcome, syscall: 'fdatasync' }))
}

function fail(request: FileRequest, error: Error): void {
  request.error = error
  request.state = 'failed'
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
