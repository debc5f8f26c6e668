import { AbortedError, ClosedError, type DisruptorError } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import type { AnyApp } from '../app/define-app.ts'
import { fingerprint } from '../app/fingerprint.ts'
import { limited } from '../client/limited.ts'
import { UserPort } from '../client/user-port.ts'
import { activation, TYPE_ACTIVATE } from '../entry/entry-format.ts'
import { QUERY_ACTIVE } from '../partition/handler-step.ts'
import { Progress } from '../partition/progress.ts'
import { createRings, SLOT_PAYLOAD_OFFSET } from '../partition/rings.ts'
import { startPartitionInline } from '../platform/partition-inline.ts'
import { startPartitionThreads } from '../platform/partition-threads.ts'
import { ownError } from '../platform/rebuild-error.ts'
import type { OpenedPartition, RunningPartition } from '../platform/running-partition.ts'
import { systemScheduler } from '../platform/timer.ts'
import { failure, Node } from './node.ts'
import { type NodeOptions, resolveNodeOptions } from './options.ts'

/**
 * Opens a node on a data directory: recovers the journal, brings the application's state up to its end, and takes events from then on.
 *
 * @throws {OptionError | AppError} an option or the application cannot be
 * @throws {DirectoryInUseError} another living node has the directory
 * @throws {JournalCorruptError | FormatTooNewError | LogGapError | AppMismatchError | AppHaltedError} the data cannot be continued
 * @throws {AbortedError} `signal` ended the opening: everything is closed again, and the directory can be opened at once
 */
export async function createNode(options: NodeOptions): Promise<Node> {
  const resolved = resolveNodeOptions(options)
  const { app, signal } = resolved
  if (signal?.aborted) throw new AbortedError(OPENING, signal.reason)
  const rings = createRings(app, resolved.ringCapacity)
  const progress = Progress.create()
  const { failed, reject } = failure()
  const onFailure = (error: DisruptorError) => {
    rings.ingress.halt()
    port.end(error)
    reject(error)
  }
  const port = new UserPort(rings, progress, systemScheduler, thrown => onFailure(ownError(thrown)))
  const start = resolved.threads === 'workers' ? startPartitionThreads : startPartitionInline
  const partition = start({ options: resolved, rings, progress, onFailure })
  try {
    const opened = await limited(OPENING, open(app, port, partition), { signal }, systemScheduler)
    return new Node(resolved, port, partition, opened, failed)
  } catch (error) {
    port.end(new ClosedError('the node'))
    // Whoever opens gets what kept the node from opening.
    await partition.terminate().catch(() => undefined)
    throw error
  }
}

const OPENING = 'opening the node'

/** Resolves when the state is where the log is, and this version of the application is the one in force. */
async function open(app: AnyApp, port: UserPort, partition: RunningPartition): Promise<OpenedPartition> {
  const opened = await partition.opened
  await port.until('the log to be applied', () => port.progress.appliedIndex.get() >= opened.log.lastIndex)
  if (!(await port.query(QUERY_ACTIVE, undefined))) await activate(app, port)
  return opened
}

/** Makes this version of the application the one in force: an event of the log, like everything that changes what events do. */
async function activate(app: AnyApp, port: UserPort): Promise<void> {
  const { ingress } = port.rings
  const publisher = ingress.publisher({ burst: 1 })
  const slot = publisher.claim()
  if (slot === undefined) throw new Error('an empty ring has no room')
  const header = { publishedNs: systemClock.monotonicNs(), client: 0, number: 0, type: TYPE_ACTIVATE, flags: 0, length: activation.size }
  slot.set(header)
  activation.view(publisher.memory, slot.offset + SLOT_PAYLOAD_OFFSET).set({ version: app.version, hash: fingerprint(app) })
  publisher.flush()
  const last = ingress.cursor.get()
  publisher.close()
  await port.until('the application to be active', () => port.progress.appliedSequence.get() >= last)
}
