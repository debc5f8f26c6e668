import type { FileRequest, Files } from '@disruptorx/contracts'
import type { SeededRandom } from '../seeded-random.ts'
import { drawFrom } from '../simulation/range.ts'
import { type Medium, systemError } from './medium.ts'
import { OpenFiles } from './open-files.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import type { Tree } from './tree.ts'

/** The process that uses a disk. */
export interface DiskUser {
  /** Something completed: a `poll` will show it. */
  completed(): void
  /** A request completed inside `submit`, and took so long. */
  blocked(ns: number): void
  /** The machine stands still. */
  stopped(): void
}

/** A request whose time has come, and what came of it. The process sees it at its next poll. */
interface Outcome {
  readonly request: FileRequest
  readonly result: number
  readonly error: Error | undefined
}

/** Operations on a handle: carried out in the order of their submission. */
const onHandle = new Set<string>(['read', 'write', 'datasync', 'size', 'truncate', 'close'])

/** The port `Files` of one process on a simulated disk. */
export class DiskProcess implements Files {
  readonly #disk: SimulatedDisk
  readonly #user: DiskUser
  readonly #files: OpenFiles
  readonly #random: SeededRandom
  /** By handle: when its last request completes. */
  readonly #busyUntilNs = new Map<number, number>()
  readonly #waiting = new Set<FileRequest>()
  /** Requests whose time has come while the disk answers nothing, in order. */
  readonly #stalled: FileRequest[] = []
  #completed: Outcome[] = []
  #detached = false
  /** The event in which requests completed inside `submit`, and how long they have blocked their caller so far. */
  #blockedEvent = 0
  #blockedNs = 0

  constructor(disk: SimulatedDisk, tree: Tree, medium: Medium, user: DiskUser, random: SeededRandom) {
    this.#disk = disk
    this.#user = user
    this.#files = new OpenFiles(tree, medium, false)
    this.#random = random
  }

  submit(request: FileRequest): void {
    request.state = 'pending'
    request.error = undefined
    if (this.#detached) show(request, { request, result: 0, error: systemError('EIO', request.operation, 'the machine stands still') })
    else if (this.#disk.completion === 'at-once') {
      this.#block(request)
      show(request, this.#carryOut(request))
    } else this.#queue(request)
  }

  poll(): void {
    if (this.#completed.length === 0) return
    const completed = this.#completed
    this.#completed = []
    for (const outcome of completed) show(outcome.request, outcome)
  }

  /** The process is gone. What waits takes effect or not, some of it in part. */
  detach(): void {
    if (this.#detached) return
    this.#detached = true
    for (const request of this.#waiting) if (this.#random.chance(0.5)) this.#takeEffect(request)
    this.#waiting.clear()
  }

  /** The disk answers again. */
  resume(): void {
    for (const request of this.#stalled.splice(0)) this.#disk.sim.schedule(0, () => this.#complete(request))
  }

  #block(request: FileRequest): void {
    const { events } = this.#disk.sim
    if (events !== this.#blockedEvent) this.#blockedNs = 0
    this.#blockedEvent = events
    const ns = this.#timeOf(request)
    this.#blockedNs += ns
    this.#user.blocked(ns)
  }

  #queue(request: FileRequest): void {
    const { sim } = this.#disk
    const { operation, handle } = request
    let atNs = sim.nowNs + this.#timeOf(request)
    if (onHandle.has(operation)) {
      atNs = Math.max(atNs, (this.#busyUntilNs.get(handle) ?? 0) + 1)
      if (operation === 'close') this.#busyUntilNs.delete(handle)
      else this.#busyUntilNs.set(handle, atNs)
    }
    this.#waiting.add(request)
    sim.schedule(atNs - sim.nowNs, () => this.#complete(request))
  }

  #complete(request: FileRequest): void {
    if (this.#detached) return
    if (this.#disk.stalledUntilNs > this.#disk.sim.nowNs) {
      this.#stalled.push(request)
      return
    }
    this.#waiting.delete(request)
    const outcome = this.#carryOut(request)
    if (this.#detached) return
    this.#completed.push(outcome)
    this.#user.completed()
  }

  #carryOut(request: FileRequest): Outcome {
    if (!this.#disk.admitRequest()) {
      if (this.#random.chance(0.5)) this.#takeEffect(request)
      this.#disk.sim.trace?.fault(this.#disk.name, 'stands still', { operation: request.operation })
      this.#user.stopped()
      return { request, result: 0, error: systemError('EIO', request.operation, 'the machine stands still') }
    }
    let result = 0
    let error: Error | undefined
    try {
      result = this.#files.carryOut(request)
    } catch (thrown) {
      error = thrown as Error
    }
    if (this.#disk.sim.trace !== undefined) this.#record(request, result, error)
    return { request, result, error }
  }

  /** What a request changes, when nobody is left to be told. Of a write, perhaps only a part. */
  #takeEffect(request: FileRequest): void {
    const part = request.operation === 'write' && request.length > 1 && this.#random.chance(0.5)
    try {
      this.#files.carryOut(part ? { ...request, length: this.#random.between(1, request.length - 1) } : request)
    } catch {
      // Refused, so it changed nothing.
    }
  }

  #timeOf({ operation, length }: FileRequest): number {
    const { faults, latency, sim } = this.#disk
    if (faults.happens('stalls')) this.#disk.stall(drawFrom(latency.stallMs, faults.random('stalls')))
    // A request that blocks waits for the disk here; any other waits when its time has come.
    const ns = this.#disk.completion === 'at-once' ? Math.max(0, this.#disk.stalledUntilNs - sim.nowNs - this.#blockedNs) : 0
    if (operation === 'datasync' || operation === 'sync-directory') {
      if (!faults.happens('slowSyncs')) return ns + drawFrom(latency.syncUs, this.#random) * 1e3
      faults.fired('slowSyncs')
      return ns + drawFrom(latency.slowSyncMs, faults.random('slowSyncs')) * 1e6
    }
    if (operation !== 'read' && operation !== 'write') return ns + drawFrom(latency.otherUs, this.#random) * 1e3
    const moved = (length / latency.bytesPerSecond) * 1e9
    return ns + moved + drawFrom(operation === 'read' ? latency.readUs : latency.writeUs, this.#random) * 1e3
  }

  #record(request: FileRequest, result: number, error: Error | undefined): void {
    const { operation, path, target, handle, position, length } = request
    const inode = this.#files.inodeOf(handle)
    const moves = operation === 'read' || operation === 'write'
    this.#disk.sim.trace?.record(this.#disk.name, operation, {
      path: onHandle.has(operation) ? inode?.path : path,
      target: operation === 'rename' ? target : undefined,
      position: moves ? position : undefined,
      length: moves || operation === 'truncate' ? length : undefined,
      result,
      error: error?.message,
    })
  }
}

function show(request: FileRequest, { result, error }: Outcome): void {
  request.result = result
  if (error === undefined) request.state = 'done'
  else {
    request.error = error
    request.state = 'failed'
  }
}
