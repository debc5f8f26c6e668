/** What may come from outside. An address is an IPv4 address, a network of 64 bits of IPv6, or whatever else a carrier names. */
export interface AdmissionOptions {
  /** Connections that others made, handshakes included: 1 to 1,000,000. @default 2048 */
  readonly maxConnections: number
  /** Those of them that have not finished their handshake. @default 256 */
  readonly maxHandshakes: number
  /** Those of them that come from one address. @default 256 */
  readonly maxPerAddress: number
  /** New ones from one address in a second; twice as many at once after a rest. @default 100 */
  readonly perSecondPerAddress: number
}

interface Visitor {
  open: number
  /** Connections that it may make now. */
  tokens: number
  filledNs: number
}

/** Addresses that are remembered beside those that have something open. */
const MOST_ABSENT = 4096

/** Decides who may connect, before anything is spent on it. Token buckets, one for each address. */
export class Admission {
  readonly #options: AdmissionOptions
  /** Addresses that have something open: no more than connections. */
  readonly #present = new Map<string, Visitor>()
  /** Others that came; who was here last is at the end. */
  readonly #absent = new Map<string, Visitor>()
  #connections = 0
  #handshakes = 0
  /** How many were turned away. */
  turnedAway = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** Whether one more connection from an address is welcome. If so it counts, as a handshake too, until it is taken back. */
  admit(address: string, nowNs: number): boolean {
    const { maxConnections, maxHandshakes, maxPerAddress } = this.#options
    const key = addressKey(address)
    const visitor = this.#visitorAt(key, nowNs)
    const isWelcome =
      this.#connections < maxConnections && this.#handshakes < maxHandshakes && visitor.open < maxPerAddress && visitor.tokens >= 1
    if (!isWelcome) {
      this.turnedAway++
      return false
    }
    visitor.tokens--
    if (visitor.open++ === 0) this.#move(key, visitor, this.#absent, this.#present)
    this.#connections++
    this.#handshakes++
    return true
  }

  /** A handshake is over, whatever became of it. */
  handshakeOver(): void {
    this.#handshakes--
  }

  /** A connection is gone. */
  gone(address: string): void {
    this.#connections--
    const key = addressKey(address)
    const visitor = this.#present.get(key)
    if (visitor === undefined || --visitor.open > 0) return
    this.#move(key, visitor, this.#present, this.#absent)
    this.#forgetOne()
  }

  #visitorAt(key: string, nowNs: number): Visitor {
    const most = 2 * this.#options.perSecondPerAddress
    const visitor = this.#present.get(key) ?? this.#absent.get(key) ?? { open: 0, tokens: most, filledNs: nowNs }
    visitor.tokens = Math.min(most, visitor.tokens + ((nowNs - visitor.filledNs) / 1e9) * this.#options.perSecondPerAddress)
    visitor.filledNs = nowNs
    if (visitor.open === 0) this.#move(key, visitor, this.#absent, this.#absent)
    this.#forgetOne()
    return visitor
  }

  #move(key: string, visitor: Visitor, from: Map<string, Visitor>, to: Map<string, Visitor>): void {
    from.delete(key)
    to.set(key, visitor)
  }

  /** Forgets who has not come for the longest time, if there are too many. Takes the same time however many there are. */
  #forgetOne(): void {
    if (this.#absent.size <= MOST_ABSENT) return
    for (const key of this.#absent.keys()) {
      this.#absent.delete(key)
      return
    }
  }
}

/** What an address counts as. Whoever has one address of an IPv6 network of 64 bits has all of them. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  if (tail !== undefined) while (groups.length + after.length < 8) groups.push('0')
  return [...groups, ...after]
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')
}
