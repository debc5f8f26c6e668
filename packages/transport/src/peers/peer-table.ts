import { LinkReplacedError, PeerProtocolError } from '../errors.ts'
import type { Handshake } from '../handshake/handshake.ts'
import type { Claim, Hello } from '../handshake/messages.ts'
import { PeerRefusedError } from '../handshake/refusal.ts'
import type { Link } from '../link/link.ts'
import { LinkFigures } from '../link/link-figures.ts'

/** What is known of a peer. */
export class PeerRecord {
  readonly node: string
  readonly figures = new LinkFigures()
  /** Names the run of the peer's process that the rest is about. */
  boot = ''
  /** The highest that the peer ever proved. */
  incarnation = 0
  link: Link | undefined
  /** The number of the newest offer that this end made or took, and that of the link that came of one. */
  lastOffer = 0
  linkOffer = 0
  /** The handshake that has been offered to be the link, until the peer takes it. */
  offered: Handshake | undefined

  constructor(node: string) {
    this.node = node
  }
}

/** Peers that are remembered beyond those that have a link, so that an old incarnation stays refused and figures stay. */
const MOST_REMEMBERED = 1024
/** More links than any two nodes have made. A peer that claims more would use their numbers up. */
const MOST_SEEN = 2 ** 31

/**
 * The peers, and which of several connections with one is the link.
 *
 * Of two nodes the one whose name is less decides. It knows when the other end has lost a link that looks well from here: that end says which offer it has seen
 * last, and whether that link still is there. So both can dial at the same moment, or one can come back before the other has noticed that it was gone, and
 * there is exactly one link in the end, without a timer.
 */
export class PeerTable {
  readonly #node: string
  readonly #maxPeers: number
  readonly #records = new Map<string, PeerRecord>()
  #links = 0

  constructor(node: string, maxPeers: number) {
    this.#node = node
    this.#maxPeers = maxPeers
  }

  get links(): number {
    return this.#links
  }

  find(node: string): PeerRecord | undefined {
    return this.#records.get(node)
  }

  *records(): Generator<PeerRecord> {
    yield* this.#records.values()
  }

  /** Refuses a peer whose life is over. */
  refuseStale({ node, incarnation }: Hello): void {
    const record = this.#records.get(node)
    const known = Math.max(record?.incarnation ?? 0, record?.offered?.peer?.incarnation ?? 0)
    if (incarnation < known)
      throw new PeerRefusedError(
        'stale',
        `${node} comes as incarnation ${incarnation}, and incarnation ${known} has been here: its data are outdated`,
      )
  }

  /** What is known here of links that the peer decides about. */
  knownLink({ node, boot }: Hello): { seen: number; isOpen: boolean } {
    const record = this.#records.get(node)
    if (record === undefined || record.boot !== boot || this.#node < node) return { seen: 0, isOpen: false }
    return { seen: record.lastOffer, isOpen: record.link !== undefined }
  }

  /** Decides, where that is this end's part, whether a connection becomes the link. Returns the link's number. @throws {PeerRefusedError} */
  offer(handshake: Handshake, peer: Hello, claim: Claim): number {
    // Another connection may have come first since its hello.
    this.refuseStale(peer)
    if (claim.seen > MOST_SEEN) throw new PeerProtocolError(`it has seen link ${claim.seen}, which nobody has offered`)
    const record = this.#recordOf(peer)
    const { offered, link } = record
    if (offered?.peer?.boot === peer.boot) throw duplicate(peer)
    const hasLostIt = !claim.isOpen && claim.seen >= record.linkOffer
    if (link !== undefined && record.boot === peer.boot && !hasLostIt) throw duplicate(peer)
    offered?.break(new LinkReplacedError('the peer was started anew'))
    record.offered = handshake
    // What the peer has seen counts where it is forgotten here.
    record.lastOffer = Math.max(record.lastOffer, claim.seen) + 1
    return record.lastOffer
  }

  /** The peer, whose part that is, has decided. @throws {PeerRefusedError | PeerProtocolError} */
  accept(peer: Hello, offer: number): void {
    this.refuseStale(peer)
    const record = this.#recordOf(peer)
    if (record.boot === peer.boot && offer <= record.lastOffer)
      throw new PeerProtocolError(`it offers link ${offer} after link ${record.lastOffer}`)
    record.lastOffer = offer
  }

  /** A connection is the link from now on. Any other link with the peer is over. */
  opened(peer: Hello, offer: number, makeLink: (record: PeerRecord) => Link): Link {
    const record = this.#recordOf(peer)
    record.link?.drop(new LinkReplacedError(record.boot === peer.boot ? 'the peer has lost it' : 'the peer was started anew'))
    record.offered = undefined
    record.boot = peer.boot
    record.incarnation = peer.incarnation
    record.linkOffer = offer
    this.#links++
    record.link = makeLink(record)
    return record.link
  }

  /** The link is gone. */
  closed(link: Link): void {
    const record = this.#records.get(link.peer)
    if (record?.link !== link) return
    record.link = undefined
    this.#links--
    this.#forgetSome()
  }

  /** A handshake did not come to its end. */
  abandoned(handshake: Handshake): void {
    const node = handshake.peer?.node
    const record = node === undefined ? undefined : this.#records.get(node)
    if (record?.offered !== handshake) return
    record.offered = undefined
    this.#forgetSome()
  }

  /** The record of a peer that has proved itself. Whoever came last is at the end. */
  #recordOf({ node }: Hello): PeerRecord {
    const record = this.#records.get(node) ?? new PeerRecord(node)
    if (record.link === undefined && record.offered === undefined && this.#links >= this.#maxPeers)
      throw new PeerRefusedError('full', `there are links with ${this.#maxPeers} peers already (option maxPeers)`)
    this.#records.delete(node)
    this.#records.set(node, record)
    return record
  }

  #forgetSome(): void {
    for (const [node, { link, offered }] of this.#records) {
      if (this.#records.size - this.#links <= MOST_REMEMBERED) return
      if (link === undefined && offered === undefined) this.#records.delete(node)
    }
  }
}

function duplicate({ node }: Hello): PeerRefusedError {
  return new PeerRefusedError('duplicate', `there is a link with ${node} already`)
}
