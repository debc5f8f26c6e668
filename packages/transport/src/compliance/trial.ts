import { isDisruptorError, type LinkEvent, type Transport } from '@disruptorx/contracts'
import type { TransportOptions } from '../options.ts'
import { TransportComplianceError } from './compliance-error.ts'
import type { TransportPlace } from './options.ts'

/** How long anything may take, in milliseconds. */
const PATIENCE_MS = 5_000

/** A node of a case: its transport, and what it heard. */
export class Party {
  readonly transport: Transport
  readonly name: string
  readonly address: string
  /** Messages as texts, in the order in which they came. */
  readonly messages: string[] = []
  readonly events: LinkEvent[] = []

  constructor(transport: Transport, address: string) {
    this.transport = transport
    this.name = transport.self.node
    this.address = address
    transport.onLink(event => void this.events.push(event))
    transport.onMessage((_, message) => void this.messages.push(textOf(message.payload())))
  }

  /** What happened to links, in a few words each: `up a`, `down a DX_LINK_LOST`. */
  get story(): string[] {
    return this.events.flatMap(event => {
      if (event.kind === 'up') return `up ${event.peer.node}`
      if (event.kind === 'down')
        return event.reason === undefined ? `down ${event.peer.node}` : `down ${event.peer.node} ${codeOf(event.reason)}`
      return event.kind === 'refused' ? `refused ${codeOf(event.reason)}` : []
    })
  }
}

/** What a case does with transports. */
export class Trial {
  readonly place: TransportPlace
  readonly #open = new Set<Transport>()

  constructor(place: TransportPlace) {
    this.place = place
  }

  /** Makes a node. */
  party(node: string, options: Partial<TransportOptions> = {}): Party {
    const transport = this.place.make({ node, cluster: 'compliance', ...options })
    this.#open.add(transport)
    return new Party(transport, this.place.address(node))
  }

  /** Makes a node that listens. */
  async listening(node: string, options: Partial<TransportOptions> = {}): Promise<Party> {
    const party = this.party(node, options)
    await party.transport.listen(party.address)
    return party
  }

  /** Nodes `a`, which has dialled, and `b`, with a link that both know of. */
  async linked(options: Partial<TransportOptions> = {}, ofB = options): Promise<{ a: Party; b: Party }> {
    const b = await this.listening('b', ofB)
    const a = this.party('a', options)
    mustEqual(await a.transport.dial(b.address), 'b', 'dialled b and has found somebody else')
    await this.eventually('tells both ends of a link', () => b.transport.peers().length === 1)
    return { a, b }
  }

  /** Waits until something is so. */
  async eventually(what: string, condition: () => boolean): Promise<void> {
    for (let waitedMs = 0; !condition(); waitedMs += 5) {
      if (waitedMs >= PATIENCE_MS) throw new TransportComplianceError(`does not do this within ${PATIENCE_MS} ms: it ${what}`)
      await this.place.sleep(5)
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.#open].map(transport => transport.close()))
  }
}

/** Fails the case unless `holds`. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new TransportComplianceError(what)
}

/** Fails the case unless both print the same. */
export function mustEqual(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found) ?? 'undefined', JSON.stringify(expected) ?? 'undefined']
  if (a !== b) throw new TransportComplianceError(`${what}: ${a.slice(0, 500)} instead of ${b.slice(0, 500)}`)
}

/** Expects an error with this code, thrown or as a rejection; with `text`, one that says so. */
export async function mustRefuse(act: () => unknown, code: string, what: string, text = ''): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (isDisruptorError(error, code) && error.message.includes(text)) return
    throw new TransportComplianceError(
      `refused ${what} with ${codeOf(error)} (${String((error as Error).message)}) instead of ${code} ${text}`,
    )
  }
  throw new TransportComplianceError(`took ${what}; ${code} was due`)
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code)
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Bytes of which each tells where it is. */
export function pattern(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = patternAt(from + i)
  return bytes
}

export function isPattern(bytes: Uint8Array, from = 0): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== (patternAt(from + i) & 0xff)) return false
  return true
}

function patternAt(at: number): number {
  return at * 31 + (at >> 8)
}
