import { PeerProtocolError } from '../errors.ts'
import { isName } from '../identity.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { LEAST_FRAME_BYTES, LEAST_WINDOW_BYTES, MOST_FRAME_BYTES, type PeerLimits, TEXT_BYTES } from '../protocol/limits.ts'
import { PeerRefusedError, refusalKind, refusalNumber } from './refusal.ts'

/*
 * What the two ends of a connection say before it is a link. FORMAT.md has the same for people. All numbers are little-endian; a text is its length in one
 * byte and UTF-8; what follows the known fields is of a later version, and ignored.
 */

/** The versions of this protocol that are spoken here. */
const LEAST_VERSION = 1
const MOST_VERSION = 1
export const NONCE_BYTES = 32
export const BOOT_BYTES = 8
export const MAC_BYTES = 32
const HAS_SECRET = 1

/** Who an end says it is, and what it takes. */
export interface Hello {
  readonly node: string
  readonly cluster: string
  readonly incarnation: number
  /** Names this run of the process. */
  readonly boot: string
  /** Who is expected at the other end; empty for anybody. */
  readonly expected: string
  readonly hasSecret: boolean
  readonly nonce: Uint8Array
  readonly limits: PeerLimits
  /** Numbers of the ways to compress that it knows. */
  readonly compressors: readonly number[]
}

export function writeHello(hello: Hello): Uint8Array {
  const { limits } = hello
  return new ByteWriter()
    .u8(LEAST_VERSION)
    .u8(MOST_VERSION)
    .u8(hello.hasSecret ? HAS_SECRET : 0)
    .bytes(hello.nonce)
    .bytes(bootBytes(hello.boot))
    .count(hello.incarnation)
    .u32(limits.maxFrameBytes)
    .u32(limits.maxBatchBytes)
    .u32(limits.maxFrames)
    .u32(limits.maxRequests)
    .u32(limits.maxStreams)
    .u32(limits.streamWindowBytes)
    .text(hello.node)
    .text(hello.cluster)
    .text(hello.expected)
    .u8(hello.compressors.length)
    .bytes(Uint8Array.from(hello.compressors))
    .finish()
}

/** @throws {PeerRefusedError} for a version that is not spoken here, {PeerProtocolError} for anything that is no hello */
export function readHello(bytes: Uint8Array): Hello {
  const reader = new ByteReader('the hello', bytes, 0, bytes.length)
  const [least, most] = [reader.u8(), reader.u8()]
  if (least > MOST_VERSION || most < LEAST_VERSION)
    throw new PeerRefusedError(
      'version',
      `versions ${least} to ${most} of the link protocol are spoken at one end, ${LEAST_VERSION} to ${MOST_VERSION} at the other; upgrade the older one`,
    )
  const hasSecret = (reader.u8() & HAS_SECRET) !== 0
  const nonce = reader.bytes(NONCE_BYTES)
  const boot = bootText(reader.bytes(BOOT_BYTES))
  const incarnation = reader.count()
  const limits = readLimits(reader)
  const [node, cluster, expected] = [reader.text(), reader.text(), reader.text()]
  if (!isName(node) || !isName(cluster) || (expected !== '' && !isName(expected)))
    throw new PeerProtocolError('a name in the hello is none')
  return { node, cluster, incarnation, boot, expected, hasSecret, nonce, limits, compressors: [...reader.bytes(reader.u8())] }
}

function readLimits(reader: ByteReader): PeerLimits {
  const [maxFrameBytes, maxBatchBytes, maxFrames] = [reader.u32(), reader.u32(), reader.u32()]
  const [maxRequests, maxStreams, streamWindowBytes] = [reader.u32(), reader.u32(), reader.u32()]
  // What is beyond our own bounds is never made use of; what is below the least could not be kept to.
  const hasFrames =
    maxFrameBytes >= LEAST_FRAME_BYTES && maxFrameBytes <= MOST_FRAME_BYTES && maxBatchBytes >= maxFrameBytes + 64 && maxFrames >= 1
  if (!hasFrames || streamWindowBytes < LEAST_WINDOW_BYTES) throw new PeerProtocolError('its limits leave no room for a link')
  return { maxFrameBytes, maxBatchBytes, maxFrames, maxRequests, maxStreams, streamWindowBytes }
}

/** What an end says of links with the other, and what it knows. Covered by its proof. */
export interface Claim {
  /** The newest link with the other end that it knows of; 0 for none. */
  readonly seen: number
  /** Whether that link is there, as far as it knows. */
  readonly isOpen: boolean
  /** The link that it offers, where that is its part and it is the second to prove itself; 0 otherwise. */
  readonly offered: number
  /** Its types, as its registry describes them; empty without one. */
  readonly types: Uint8Array
}

export function writeClaim(claim: Claim): Uint8Array {
  return new ByteWriter()
    .u32(claim.seen)
    .u8(claim.isOpen ? 1 : 0)
    .u32(claim.offered)
    .u32(claim.types.length)
    .bytes(claim.types)
    .finish()
}

/** @throws {PeerProtocolError} */
export function readClaim(bytes: Uint8Array): Claim {
  const reader = new ByteReader('the proof', bytes, 0, bytes.length)
  const [seen, isOpen, offered] = [reader.u32(), reader.u8() === 1, reader.u32()]
  return { seen, isOpen, offered, types: reader.bytes(reader.u32()) }
}

export function writeRefusal(error: PeerRefusedError): Uint8Array {
  return new ByteWriter().u8(refusalNumber(error.kind)).restText(error.text, TEXT_BYTES).finish()
}

/** @throws {PeerProtocolError} */
export function readRefusal(bytes: Uint8Array): PeerRefusedError {
  const reader = new ByteReader('the refusal', bytes, 0, bytes.length)
  return new PeerRefusedError(refusalKind(reader.u8()), reader.restText(TEXT_BYTES), 'peer')
}

function bootBytes(boot: string): Uint8Array {
  return Uint8Array.from({ length: BOOT_BYTES }, (_, i) => Number.parseInt(boot.slice(i * 2, i * 2 + 2), 16))
}

/** The name of a run, as text: two digits for each byte. */
export function bootText(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
