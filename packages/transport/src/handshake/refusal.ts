import { DisruptorError } from '@disruptorx/contracts'

/**
 * Why a connection does not become a link. The position is the number on the wire.
 *
 * `closing`, `full` and `duplicate` pass by themselves; for the others somebody has to change something.
 */
const refusals = [
  'protocol',
  'version',
  'cluster',
  'self',
  'identity',
  'stale',
  'secret',
  'certificate',
  'codecs',
  'full',
  'duplicate',
  'closing',
] as const

/** A reason for a refusal: `DX_PEER_` and this in capitals is the error's code. */
export type RefusalKind = (typeof refusals)[number]

/** The number of a reason on the wire. */
export function refusalNumber(kind: RefusalKind): number {
  return refusals.indexOf(kind)
}

/** The reason of a number on the wire; one that is not known yet is taken for a break of the protocol. */
export function refusalKind(number: number): RefusalKind {
  return refusals[number] ?? 'protocol'
}

/** A connection did not become a link: one end refused the other, and says why. Code `DX_PEER_` and the reason, such as `DX_PEER_CLUSTER`. */
export class PeerRefusedError extends DisruptorError {
  readonly kind: RefusalKind
  /** Whether trying again may help without anybody's doing. */
  readonly isPassing: boolean

  /** @param by which end refused */
  constructor(kind: RefusalKind, text: string, by: 'us' | 'peer' = 'us', cause?: unknown) {
    const message = by === 'us' ? `refused the peer: ${text}` : `the peer refused: ${text}`
    super(`DX_PEER_${kind.toUpperCase()}`, message, { kind, by, text }, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.isPassing = kind === 'closing' || kind === 'full' || kind === 'duplicate'
  }

  /** What the other end is told. */
  get text(): string {
    return String(this.details.text)
  }
}
