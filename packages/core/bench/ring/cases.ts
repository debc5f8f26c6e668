import type { MessagePort } from 'node:worker_threads'
import type { ByteRingHandle } from '@disruptorx/core'
import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { counted } from './allocation.ts'
import { bytesReader, bytesWriter, shareBytes } from './bytes.ts'
import { alarm, idler, type SharedIdle, shareIdle } from './idle.ts'
import { type PingPongWait, pacedPublisher, ping, pong, type SharedRings, shareRings, visibleConsumer } from './latency.ts'
import { consuming, type Part, producing, type Writer } from './part.ts'
import { portBurstWriter, portConsumer, portPing, portPong, portWriter, sharePorts } from './port.ts'
import { processor, waitingWriter } from './processors.ts'
import { rawMemory, rawPing, rawPong, rawReader, rawWriter } from './raw.ts'
import { batchWriter, publisherWriter, type SharedRing, shareRing, structReader } from './struct.ts'

/** How a case is measured. */
interface Measured {
  /** Throughput in pairs with this raw case, and the ratio of the two. */
  readonly against?: string
  /** It measures something else than throughput, and how many rounds of that count. */
  readonly figures?: number
  /** No core waits in it for longer than a moment: a round in which a thread lost its core does not count. */
  readonly spins?: boolean
  /** Events of a chunk. @default 12,800 */
  readonly chunk?: number
  /** How long a round takes, at least. @default 350 */
  readonly durationMs?: number
  /** How many chunks a producer writes in a round, at least. @default 1 */
  readonly leastChunks?: number
}

/** One case: what its threads share, and what each of them does. */
export interface Case extends Measured {
  /** The name of its result, or what the names of its results begin with. */
  readonly name: string
  /** How many of the parts produce; they come first. */
  readonly producers: number
  /** Makes what the threads share, as it crosses to each of them. */
  readonly share: () => readonly unknown[]
  /** Called on the threads. */
  readonly parts: readonly ((shared: unknown) => Part)[]
}

/** A case whose threads all share the same. What they share goes only from its `share` to its `parts`. */
function shared<Shared>(
  name: string,
  share: () => Shared,
  parts: ((shared: Shared) => Part)[],
  measured: Measured & { producers?: number },
): Case {
  const each = () => {
    const one = share()
    return parts.map(() => one)
  }
  return { name, producers: 1, ...measured, share: each, parts: parts as Case['parts'] }
}

/** Two threads with a port each. */
function ports(name: string, parts: ((port: MessagePort) => Part)[], measured: Measured): Case {
  return { name, producers: 1, ...measured, share: sharePorts, parts: parts as Case['parts'] }
}

function raw(burst: number): Case {
  return shared<SharedArrayBuffer>(
    `raw.burst${burst}`,
    rawMemory,
    [memory => producing(rawWriter(memory, burst)), memory => consuming(rawReader(memory))],
    { spins: true },
  )
}

function spsc(name: string, writer: (ring: SharedRing) => Writer, against: string): Case {
  return shared<SharedRing>(`spsc.${name}`, shareRing, [ring => producing(writer(ring)), ring => consuming(structReader(ring))], {
    against,
    spins: true,
  })
}

const spinning: WaitStrategyHandle = { kind: 'busySpin' }

/** Three threads on what may be two cores: whoever has nothing to do must let go. */
const sharing: WaitStrategyHandle = { kind: 'adaptive', threads: 3 }

/** Every strategy that there is, as it comes. */
const strategies: readonly PingPongWait[] = [
  { kind: 'busySpin' },
  { kind: 'yielding' },
  { kind: 'sleeping' },
  { kind: 'blocking' },
  { kind: 'liteBlocking' },
  { kind: 'timeoutBlocking', timeoutMs: 100 },
  { kind: 'phasedBackoff', fallback: { kind: 'blocking' } },
  { kind: 'adaptive' },
  { kind: 'async' },
]

function pingPong(wait: PingPongWait): Case {
  return shared<SharedRings>(`pingpong.${wait.kind}`, shareRings, [rings => ping(rings, wait), rings => pong(rings, wait)], { figures: 5 })
}

function idle(wait: PingPongWait): Case {
  const parts = [alarm, (ring: SharedIdle) => idler(ring, wait)]
  return shared<SharedIdle>(`idleCpuPercent.${wait.kind}`, shareIdle, parts, { figures: 1, durationMs: 1000 })
}

/** In the order in which they are measured. */
const list: readonly Case[] = [
  shared<SharedArrayBuffer>('raw.roundTrip', rawMemory, [rawPing, rawPong], { figures: 5, chunk: 1_000, durationMs: 100 }),
  raw(1),
  raw(10),
  raw(32),
  spsc('publishEach', ring => batchWriter(ring, 1), 'raw.burst1'),
  spsc('batch10', ring => batchWriter(ring, 10), 'raw.burst10'),
  spsc('batch32', ring => batchWriter(ring, 32), 'raw.burst32'),
  spsc('publisher', ring => publisherWriter(ring), 'raw.burst32'),
  shared<SharedRing>('spsc.processor', shareRing, [ring => producing(publisherWriter(ring)), ring => processor(ring, 0, spinning)], {
    against: 'raw.burst32',
    spins: true,
  }),
  shared<ByteRingHandle>('bytes64', shareBytes, [ring => producing(bytesWriter(ring)), ring => consuming(bytesReader(ring))], {
    against: 'raw.burst32',
    spins: true,
  }),
  shared<SharedRing>(
    'mpsc2',
    () => shareRing({ producers: 'multi' }),
    [ring => producing(waitingWriter(ring, sharing)), ring => producing(waitingWriter(ring, sharing)), ring => processor(ring, 0, sharing)],
    { against: 'raw.burst32', producers: 2 },
  ),
  shared<SharedRing>(
    'multicast2',
    () => shareRing({ consumers: 2 }),
    [ring => producing(waitingWriter(ring, sharing)), ring => processor(ring, 0, sharing), ring => processor(ring, 1, sharing)],
    { against: 'raw.burst32' },
  ),
  shared<SharedRing>(
    'pipeline2',
    () => shareRing({ consumers: 2, chained: true }),
    [ring => producing(waitingWriter(ring, sharing)), ring => processor(ring, 0, sharing), ring => processor(ring, 1, sharing)],
    { against: 'raw.burst32' },
  ),
  ports('messagePort', [port => producing(portWriter(port)), portConsumer], { chunk: 3_200 }),
  ports('messagePort.burst', [port => producing(portBurstWriter(port, 32)), portConsumer], { chunk: 3_200 }),
  shared<SharedRing>('publisher.visible', shareRing, [pacedPublisher, visibleConsumer], { figures: 5, chunk: 1_000 }),
  ...strategies.filter(({ kind }) => ['busySpin', 'blocking', 'async'].includes(kind)).map(pingPong),
  ports('pingpong.messagePort', [portPing, portPong], { figures: 5 }),
  ...strategies.map(idle),
  shared<SharedRing>(
    'allocatedBytesPerEvent',
    shareRing,
    [ring => counted(producing(publisherWriter(ring))), ring => counted(consuming(structReader(ring)))],
    { figures: 5, leastChunks: 80, durationMs: 0 },
  ),
]

/** All cases by name. */
export const cases: ReadonlyMap<string, Case> = new Map(list.map(one => [one.name, one]))
