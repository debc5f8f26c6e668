import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Hello, readClaim, readHello, readRefusal, writeClaim, writeHello, writeRefusal } from '../src/handshake/messages.ts'
import { proofInput } from '../src/handshake/proof.ts'
import { PeerRefusedError, type RefusalKind, refusalKind, refusalNumber } from '../src/handshake/refusal.ts'
import { platformMac } from '../src/platform/mac-node.ts'
import * as kinds from '../src/protocol/frame-kinds.ts'

const format = readFileSync(new URL('../FORMAT.md', import.meta.url), 'utf8')

/** What FORMAT.md shows under a heading, without its remarks. */
function shown(name: string): Uint8Array {
  const block = format.slice(format.indexOf(`\n${name}\n`)).match(/```\n([\s\S]*?)```/)?.[1] ?? ''
  const digits = block.split('\n').map(line => line.split('    ')[0]?.replaceAll(' ', '') ?? '')
  return Uint8Array.from(Buffer.from(digits.join(''), 'hex'))
}

const limits = {
  maxFrameBytes: 1_048_584,
  maxBatchBytes: 1_114_120,
  maxFrames: 65_536,
  maxRequests: 256,
  maxStreams: 64,
  streamWindowBytes: 262_144,
}
const common = { cluster: 'demo', incarnation: 3, hasSecret: true, limits, compressors: [2, 1] }
const ofA: Hello = { ...common, node: 'a', expected: 'b', boot: '0001020304050607', nonce: new Uint8Array(32).fill(0xaa) }
const ofB: Hello = { ...common, node: 'b', expected: '', boot: '08090a0b0c0d0e0f', nonce: new Uint8Array(32).fill(0xbb) }
const claim = { seen: 1, isOpen: true, offered: 0, types: Uint8Array.of(0x90) }

describe('the bytes of a handshake', () => {
  it('are what FORMAT.md shows, and never change', () => {
    expect(writeHello(ofA)).toEqual(shown('The hello of `a`:'))
    expect(readHello(shown('The hello of `a`:'))).toEqual(ofA)
    expect(readHello(Uint8Array.of(...shown('The hello of `a`:'), 1, 2, 3))).toEqual(ofA)
    expect(writeClaim(claim)).toEqual(shown('The claim of `a`:'))
    expect(readClaim(shown('The claim of `a`:'))).toEqual(claim)
    const input = proofInput(
      'dialer',
      { dialer: writeHello(ofA), acceptor: writeHello(ofB), binding: new Uint8Array(0) },
      writeClaim(claim),
    )
    let code = new Uint8Array(0)
    platformMac(new TextEncoder().encode('sixteen bytes, or more')).sign(
      input,
      made => {
        code = Uint8Array.from(made)
      },
      () => undefined,
    )
    expect(code).toEqual(shown('The code of `a`, to whom `b` has said the same with the nonce `bb`, its own boot and nobody expected:'))
    const refusal = new PeerRefusedError('closing', 'b is closing')
    expect(writeRefusal(refusal)).toEqual(shown('A refusal:'))
    expect(readRefusal(shown('A refusal:'))).toMatchObject({
      code: 'DX_PEER_CLOSING',
      message: 'the peer refused: b is closing',
      isPassing: true,
    })
  })

  it('are refused when they end too early, wherever that is', () => {
    for (const [bytes, read] of [
      [writeHello(ofA), readHello],
      [writeClaim(claim), readClaim],
    ] as const)
      for (let length = 2; length < bytes.length; length++) expect(() => read(bytes.subarray(0, length))).toThrow(/is too short/)
  })

  it('show no character that a peer could write into a log with', () => {
    const text = 'a\u001b[2Jb\nc\u202ed\u2028e'
    expect(readRefusal(Uint8Array.of(0, ...new TextEncoder().encode(text)))).toMatchObject({ message: 'the peer refused: a?[2Jb?c?d?e' })
    expect(readRefusal(Uint8Array.of(0, ...new Uint8Array(2_000).fill(0x61))).message.length).toBe('the peer refused: '.length + 512)
  })
})

describe('the numbers of the protocol', () => {
  it('are what FORMAT.md says', () => {
    for (const [name, kind] of Object.entries(kinds)) expect(format).toContain(`| ${kind} | ${name} |`)
    const names = [...format.matchAll(/^\| (\d+) \| `([a-z]+)` \|/gm)].map(([, number, name]) => [Number(number), name] as const)
    expect(names.length).toBe(12)
    for (const [number, name] of names) expect([refusalNumber(name as RefusalKind), refusalKind(number)]).toEqual([number, name])
    expect(refusalKind(200)).toBe('protocol')
  })
})
