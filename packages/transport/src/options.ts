import { type Carrier, type Clock, OptionError, type Random, type Scheduler } from '@disruptorx/contracts'
import { oneOf, systemClock, systemRandom, wholeNumber } from '@disruptorx/contracts/internal'
import { type CodecRegistry, type Compressor, encodeTypes } from '@disruptorx/serializer'
import { platformMac, platformScheduler } from '#platform'
import type { Mac } from './handshake/proof.ts'
import { nameOption } from './identity.ts'
import type { KeepAliveOptions } from './link/keep-alive.ts'
import type { AdmissionOptions } from './peers/admission.ts'
import type { BackOffOptions } from './peers/back-off.ts'
import { HEAD_BYTES, LEAST_WINDOW_BYTES, type PeerLimits } from './protocol/limits.ts'

const MOST_TYPES_BYTES = 2 ** 16

/** How a transport is made. */
export interface TransportOptions {
  /** Name of this node: 1 to 64 letters, digits, dots, dashes and underscores. */
  readonly node: string
  /** Name of the cluster, made of the same: only members of one cluster make links. */
  readonly cluster: string
  /** Counts the lives of the node's data, up to 2^53 - 1. Peers refuse a lower one than they have seen. @default 0 */
  readonly incarnation?: number
  /** The ways by which bytes get from node to node, one for each scheme. */
  readonly carriers: readonly Carrier[]
  /** What every member of the cluster knows, in at least 16 bytes: both ends prove it before a link is made. It does not encrypt. @default none */
  readonly secret?: string | Uint8Array
  /** Whether a peer's certificate must have the peer's node name among its names. @default false */
  readonly certificatesNameNodes?: boolean
  /**
   * The types of messages. Both ends compare theirs, in at most 64 KiB: a type whose bytes one of them could not read is refused, one that the peer does not
   * have is named in its `PeerInfo`. @default none: nothing is compared
   */
  readonly codecs?: CodecRegistry
  /** Ways to compress, the better ones first, such as `builtInCompressors()` of the serializer: used where both ends know them and it pays. @default none */
  readonly compressors?: readonly Compressor[]

  /** Largest message, request and answer, in bytes: 4 KiB to 128 MiB. Of both ends' the smaller counts. @default 1 MiB */
  readonly maxMessageBytes?: number
  /** Bytes that may wait for each peer, beside those that are being written: from `maxMessageBytes` to 512 MiB. @default 4 MiB, or that */
  readonly queueBytes?: number
  /** What happens to a message when the queue is full: `reject` returns false, `break` also breaks the link, so that a slow peer holds nobody up. @default 'reject' */
  readonly whenFull?: 'reject' | 'break'
  /** Requests of one peer that are dealt with at a time: 0 to 65,536. @default 256 */
  readonly maxRequests?: number
  /** Streams of one peer that are read at a time: 0 to 65,536. @default 64 */
  readonly maxStreams?: number
  /** Bytes of one stream that may wait for its reader: 4 KiB to 64 MiB. @default 256 KiB */
  readonly streamWindowBytes?: number
  /** As soon as so many bytes are gathered they are written, though the turn goes on: 1 KiB to 16 MiB. @default 64 KiB */
  readonly flushBytes?: number
  /** As soon as messages have been gathered for so long they are written, though the turn goes on: 0 to 1,000,000 microseconds. @default 200 */
  readonly flushAfterUs?: number

  /** Time between two pings: 10 to 60,000 ms. @default 500 */
  readonly heartbeatMs?: number
  /** A link breaks when nothing was heard for so long: from twice `heartbeatMs` to 600,000 ms. @default 5_000, or that */
  readonly deadAfterMs?: number
  /** A link breaks when one write takes so long: 10 to 600,000 ms. @default 10_000 */
  readonly stallAfterMs?: number
  /** Frames and bytes of one peer in a second, counted at each ping: from 1, or Infinity. More breaks the link. @default Infinity */
  readonly maxFramesPerSecond?: number
  readonly maxBytesPerSecond?: number
  /** Time for a handshake: 10 to 600,000 ms. @default 5_000 */
  readonly handshakeMs?: number
  /** Time for a connection that ends to be gone: 10 to 600,000 ms. @default 1_000 */
  readonly lingerMs?: number
  /** How long to wait before an address is dialled again. */
  readonly reconnect?: Partial<BackOffOptions>
  /** Peers with a link at a time: 1 to 65,536. @default 1024 */
  readonly maxPeers?: number
  /** What may come from outside. */
  readonly admission?: Partial<AdmissionOptions>

  /** @default the machine's clock */
  readonly clock?: Clock
  /** Where nonces and the jitter of back-off come from. Must not be foreseeable where there is a secret. @default the machine's source of chance */
  readonly random?: Random
  /** @default timers of the event loop */
  readonly scheduler?: Scheduler
}

/** Options with defaults filled in. */
export interface ResolvedTransportOptions {
  readonly node: string
  readonly cluster: string
  readonly incarnation: number
  readonly carriers: ReadonlyMap<string, Carrier>
  readonly mac: Mac | undefined
  readonly certificatesNameNodes: boolean
  readonly codecs: CodecRegistry | undefined
  readonly types: Uint8Array
  readonly compressors: readonly Compressor[]
  readonly limits: PeerLimits
  readonly queueBytes: number
  readonly whenFull: 'reject' | 'break'
  readonly flushBytes: number
  readonly flushAfterUs: number
  readonly keepAlive: KeepAliveOptions
  readonly handshakeMs: number
  readonly lingerMs: number
  readonly backOff: BackOffOptions
  readonly maxPeers: number
  readonly admission: AdmissionOptions
  readonly clock: Clock
  readonly random: Random
  readonly scheduler: Scheduler
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. */
export function resolveTransportOptions(options: TransportOptions): ResolvedTransportOptions {
  const maxMessageBytes = wholeNumber('maxMessageBytes', options.maxMessageBytes ?? 2 ** 20, 2 ** 12, 2 ** 27)
  const queueBytes = options.queueBytes ?? Math.max(2 ** 22, maxMessageBytes + HEAD_BYTES)
  return {
    node: nameOption('node', options.node),
    cluster: nameOption('cluster', options.cluster),
    incarnation: wholeNumber('incarnation', options.incarnation ?? 0, 0, 2 ** 53 - 1),
    carriers: carriersBySchemes(options.carriers),
    mac: options.secret === undefined ? undefined : platformMac(secretBytes(options.secret)),
    certificatesNameNodes: options.certificatesNameNodes ?? false,
    codecs: options.codecs,
    types: typesOf(options.codecs),
    compressors: options.compressors ?? [],
    limits: resolveLimits(options, maxMessageBytes),
    queueBytes: wholeNumber('queueBytes', queueBytes, maxMessageBytes + HEAD_BYTES, 2 ** 29),
    whenFull: oneOf('whenFull', options.whenFull ?? 'reject', ['reject', 'break']),
    flushBytes: wholeNumber('flushBytes', options.flushBytes ?? 2 ** 16, 2 ** 10, 2 ** 24),
    flushAfterUs: wholeNumber('flushAfterUs', options.flushAfterUs ?? 200, 0, 1_000_000),
    keepAlive: resolveKeepAlive(options),
    handshakeMs: milliseconds('handshakeMs', options.handshakeMs ?? 5_000),
    lingerMs: milliseconds('lingerMs', options.lingerMs ?? 1_000),
    backOff: resolveBackOff(options.reconnect ?? {}),
    maxPeers: wholeNumber('maxPeers', options.maxPeers ?? 1024, 1, 65_536),
    admission: resolveAdmission(options.admission ?? {}),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    scheduler: options.scheduler ?? platformScheduler,
  }
}

function carriersBySchemes(carriers: readonly Carrier[]): ReadonlyMap<string, Carrier> {
  if (!Array.isArray(carriers) || carriers.length === 0)
    throw new OptionError(
      'carriers',
      Array.isArray(carriers) ? '[]' : typeof carriers,
      'at least one carrier, such as tcp() of @disruptorx/transport/tcp',
    )
  const byScheme = new Map(carriers.map(carrier => [carrier.scheme, carrier]))
  if (byScheme.size !== carriers.length)
    throw new OptionError('carriers', carriers.map(carrier => carrier.scheme).join(', '), 'of different schemes')
  return byScheme
}

function secretBytes(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : Uint8Array.from(secret)
  if (bytes.length < 16) throw new OptionError('secret', `${bytes.length} bytes`, 'at least 16 bytes')
  return bytes
}

/** What the other end is told of the types here. */
function typesOf(codecs: CodecRegistry | undefined): Uint8Array {
  if (codecs === undefined) return new Uint8Array(0)
  if (typeof codecs?.describe !== 'function')
    throw new OptionError('codecs', codecs, 'a CodecRegistry: new CodecRegistry([[1, jsonCodec()]])')
  const types = encodeTypes(codecs.describe())
  if (types.length > MOST_TYPES_BYTES)
    throw new OptionError('codecs', `${types.length} bytes of descriptions`, `at most ${MOST_TYPES_BYTES} bytes`)
  return types
}

function resolveLimits(options: TransportOptions, maxMessageBytes: number): PeerLimits {
  const maxFrameBytes = maxMessageBytes + HEAD_BYTES
  return {
    maxFrameBytes,
    maxBatchBytes: maxFrameBytes + 2 ** 16,
    maxFrames: 2 ** 16,
    maxRequests: wholeNumber('maxRequests', options.maxRequests ?? 256, 0, 65_536),
    maxStreams: wholeNumber('maxStreams', options.maxStreams ?? 64, 0, 65_536),
    streamWindowBytes: wholeNumber('streamWindowBytes', options.streamWindowBytes ?? 2 ** 18, LEAST_WINDOW_BYTES, 2 ** 26),
  }
}

function resolveKeepAlive(options: TransportOptions): KeepAliveOptions {
  const heartbeatMs = wholeNumber('heartbeatMs', options.heartbeatMs ?? 500, 10, 60_000)
  return {
    heartbeatMs,
    deadAfterMs: wholeNumber('deadAfterMs', options.deadAfterMs ?? Math.max(5_000, 2 * heartbeatMs), 2 * heartbeatMs, 600_000),
    stallAfterMs: milliseconds('stallAfterMs', options.stallAfterMs ?? 10_000),
    maxFramesPerSecond: rate('maxFramesPerSecond', options.maxFramesPerSecond),
    maxBytesPerSecond: rate('maxBytesPerSecond', options.maxBytesPerSecond),
  }
}

function resolveBackOff({ minDelayMs = 50, maxDelayMs = Math.max(5_000, minDelayMs) }: Partial<BackOffOptions>): BackOffOptions {
  wholeNumber('reconnect.minDelayMs', minDelayMs, 1, 600_000)
  return { minDelayMs, maxDelayMs: wholeNumber('reconnect.maxDelayMs', maxDelayMs, minDelayMs, 600_000) }
}

function resolveAdmission(given: Partial<AdmissionOptions>): AdmissionOptions {
  const { maxConnections = 2048, maxHandshakes = 256, maxPerAddress = 256, perSecondPerAddress = 100 } = given
  return {
    maxConnections: wholeNumber('admission.maxConnections', maxConnections, 1, 1_000_000),
    maxHandshakes: wholeNumber('admission.maxHandshakes', maxHandshakes, 1, 1_000_000),
    maxPerAddress: wholeNumber('admission.maxPerAddress', maxPerAddress, 1, 1_000_000),
    perSecondPerAddress: wholeNumber('admission.perSecondPerAddress', perSecondPerAddress, 1, 1_000_000),
  }
}

function milliseconds(option: string, value: number): number {
  return wholeNumber(option, value, 10, 600_000)
}

function rate(option: string, value = Number.POSITIVE_INFINITY): number {
  return value === Number.POSITIVE_INFINITY ? value : wholeNumber(option, value, 1, 2 ** 53 - 1)
}
