import exchange from '@disruptorx/exchange'
import { createNode, type Node, type NodeStatus } from 'disruptorx/cluster'
import { isDisruptorError } from 'disruptorx/contracts'
import type { Output } from '../cli/output.ts'
import type { SettingValues } from '../config/settings.ts'
import { directoryError } from '../data-dir/data-dir.ts'
import { bytes, count } from '../view/format.ts'

/** The journal waits for a snapshot before it grows beyond this: with snapshots and segments in preparation a node stays below 2 GiB. */
const MAX_JOURNAL_BYTES = 1024 ** 3
const SNAPSHOT_EVERY_BYTES = 256 * 1024 ** 2
/** A node that failed has nothing to drain; what it still holds goes with the process. */
const CLOSE_AFTER_FAILURE_MS = 2000

/** The exchange's client on a node. */
export type ExchangeClient = ReturnType<typeof exchangeClient>
/** The fast way to publish to the exchange. */
export type ExchangeStream = Awaited<ReturnType<ExchangeClient['stream']>>

/** The exchange on a node, with one client that feeds it: its numbers go on over all runs. */
export interface ExchangeSession {
  readonly node: Node
  readonly client: ExchangeClient
  readonly stream: ExchangeStream
  /** Number of the last event that earlier runs left in the log; 0 for a new directory. */
  readonly resumed: number
  /** Aborted when the node stops by itself. */
  readonly failed: AbortSignal
  /** Closes the node; with a snapshot unless told otherwise. */
  close(options?: { snapshot?: boolean }): Promise<void>
}

/** What is known before a node is opened. */
export interface SessionOptions {
  readonly dataDir: string
  /** Whose events the log counts. */
  readonly clientId: number
  readonly settings: SettingValues
  readonly err: Output
  /** Ends the opening. */
  readonly signal: AbortSignal
}

/** Opens the exchange in a data directory and says on stderr what is not as usual: a weaker durability, a torn tail. */
export async function openSession({ dataDir, clientId, settings, err, signal }: SessionOptions): Promise<ExchangeSession> {
  const { durability = 'fsync', intervalMs } = settings
  if (durability !== 'fsync') err.line(weaker(durability))
  const node = await createNode({
    dataDir,
    apps: [exchange],
    durability,
    ...(intervalMs === undefined ? {} : { intervalMs }),
    maxJournalBytes: MAX_JOURNAL_BYTES,
    snapshotEveryBytes: SNAPSHOT_EVERY_BYTES,
    signal,
  }).catch(error => {
    throw openingError(dataDir, error)
  })
  const failure = new AbortController()
  node.failed.catch(error => failure.abort(error))
  try {
    const client = exchangeClient(node, clientId)
    const stream = await client.stream()
    reportRecovery(node.status(), err)
    return {
      node,
      client,
      stream,
      resumed: stream.published,
      failed: failure.signal,
      close: options => closeNode(node, failure.signal, options),
    }
  } catch (error) {
    await closeNode(node, failure.signal, { snapshot: false }).catch(() => {})
    throw error
  }
}

/** What comes from a thread is an error of ours in form; one with a code of the system's speaks of the directory. */
function openingError(dataDir: string, error: unknown): unknown {
  return isDisruptorError(error) && error.code.startsWith('DX_') ? error : directoryError(dataDir, error)
}

function exchangeClient(node: Node, clientId: number) {
  return node.client(exchange, { clientId })
}

function weaker(durability: 'interval' | 'none'): string {
  const cost = durability === 'interval' ? 'what was written since the last sync' : 'what the system has not written yet'
  return `durability ${durability}, weaker than fsync: events count as durable before they are on disk; a power cut can lose ${cost}`
}

function reportRecovery({ recovered }: NodeStatus, err: Output): void {
  const { cut, damagedSnapshots } = recovered
  if (damagedSnapshots.length > 0)
    err.line(`damaged snapshots were passed over: ${damagedSnapshots.join(', ')}; the log was applied from an older one`)
  if (cut === undefined) return
  err.line(
    `the journal's torn tail was cut: ${bytes(cut.bytes)} from offset ${count(cut.offset)} of segment ${cut.segment}; nothing acknowledged was in it`,
  )
}

async function closeNode(node: Node, failed: AbortSignal, options?: { snapshot?: boolean }): Promise<void> {
  if (!failed.aborted) return node.close(options)
  const limit = new Promise<void>(resolve => setTimeout(resolve, CLOSE_AFTER_FAILURE_MS).unref())
  await Promise.race([node.close({ snapshot: false }).catch(() => {}), limit])
}
