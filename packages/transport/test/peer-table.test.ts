import { describe, expect, it } from 'vitest'
import type { Handshake } from '../src/handshake/handshake.ts'
import type { Claim, Hello } from '../src/handshake/messages.ts'
import { PeerTable } from '../src/peers/peer-table.ts'
import { hello } from './raw-peer.ts'

const claim: Claim = { seen: 0, isOpen: false, offered: 0, types: new Uint8Array(0) }

/** A handshake that has got as far as its offer. */
function shaking(peer: Hello): Handshake {
  return { peer, break: () => {} } as unknown as Handshake
}

function offer(table: PeerTable, peer: Hello, given: Partial<Claim> = {}): { handshake: Handshake; offered: number } {
  const handshake = shaking(peer)
  return { handshake, offered: table.offer(handshake, peer, { ...claim, ...given }) }
}

describe('the table of peers', () => {
  it('remembers a bounded number of nodes that were offered a link and never took it', () => {
    const table = new PeerTable('a', 10)
    for (let i = 0; i < 3_000; i++) table.abandoned(offer(table, { ...hello, node: `raw-${i}` }).handshake)
    const names = Array.from(table.records(), ({ node }) => node)
    expect(names).toHaveLength(1024)
    expect(names).toContain('raw-2999')
  })

  it('offers a link with a number above those that the peer has seen, though it has forgotten them itself', () => {
    const table = new PeerTable('a', 10)
    const first = offer(table, hello, { seen: 41 })
    expect(first.offered).toBe(42)
    table.abandoned(first.handshake)
    expect(offer(table, hello, { seen: 7 }).offered).toBe(43)
  })

  it('believes nobody who has seen more links than there can be', () => {
    const table = new PeerTable('a', 10)
    expect(() => offer(table, hello, { seen: 2 ** 31 + 1 })).toThrow(/which nobody has offered/)
    expect(offer(table, hello, { seen: 2 ** 31 }).offered).toBe(2 ** 31 + 1)
  })

  it('lets an older incarnation take no place that was offered to a newer one', () => {
    const table = new PeerTable('a', 10)
    offer(table, { ...hello, incarnation: 2 })
    expect(() => offer(table, { ...hello, boot: '8899aabbccddeeff', incarnation: 1 })).toThrow(/its data are outdated/)
    expect(offer(table, { ...hello, boot: '8899aabbccddeeff', incarnation: 2 }).offered).toBe(2)
  })

  it('takes no offer of an older incarnation', () => {
    const table = new PeerTable('z', 10)
    table.accept({ ...hello, incarnation: 2 }, 1)
    table.opened({ ...hello, incarnation: 2 }, 1, () => ({ drop: () => {} }) as never)
    expect(() => table.accept({ ...hello, boot: '8899aabbccddeeff', incarnation: 1 }, 1)).toThrow(/its data are outdated/)
  })
})
