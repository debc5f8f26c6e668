import { OptionError } from '@disruptorx/contracts'
import { SeededRandom } from '@disruptorx/testkit'
import { createTransport, MemoryNetwork, type TransportOptions } from '@disruptorx/transport'
import { describe, expect, it } from 'vitest'
import { Admission, addressKey } from '../src/peers/admission.ts'
import { BackOff } from '../src/peers/back-off.ts'

const options = { maxConnections: 10, maxHandshakes: 6, maxPerAddress: 4, perSecondPerAddress: 2 }
const second = 1e9

describe('admission', () => {
  it('bounds what one address has open, all have open, and what is not finished', () => {
    const admission = new Admission({ ...options, perSecondPerAddress: 1_000 })
    const admit = (address: string) => admission.admit(address, 0)
    expect([1, 2, 3, 4, 5].map(() => admit('a'))).toEqual([true, true, true, true, false])
    expect([1, 2, 3].map(() => admit('b'))).toEqual([true, true, false])
    for (let i = 0; i < 6; i++) admission.handshakeOver()
    expect([1, 2, 3, 4, 5].map(i => admit(`c${i}`))).toEqual([true, true, true, true, false])
    admission.gone('a')
    expect([admit('a'), admit('d')]).toEqual([true, false])
    expect(admission.turnedAway).toBe(4)
  })

  it('bounds how often one address comes, and lets it come again after a while', () => {
    const admission = new Admission({ ...options, maxPerAddress: 100, maxConnections: 100, maxHandshakes: 100 })
    const at = (seconds: number) => admission.admit('a', seconds * second)
    expect([at(0), at(0), at(0), at(0), at(0)]).toEqual([true, true, true, true, false])
    expect([at(0.4), at(0.5), at(0.6), at(1), at(1)]).toEqual([false, true, false, true, false])
    expect(Array.from({ length: 5 }, () => at(100))).toEqual([true, true, true, true, false])
    expect(admission.admit('b', 0)).toBe(true)
  })

  it('remembers a bounded number of addresses, and among them all that have something open', () => {
    const admission = new Admission({ maxConnections: 10, maxHandshakes: 1_000, maxPerAddress: 1, perSecondPerAddress: 1 })
    expect(admission.admit('lasting', 0)).toBe(true)
    for (let i = 0; i < 20_000; i++) {
      expect(admission.admit(`visitor ${i}`, 0)).toBe(true)
      admission.handshakeOver()
      admission.gone(`visitor ${i}`)
    }
    expect(admission.admit('lasting', 100 * second)).toBe(false)
    admission.gone('lasting')
    expect(admission.admit('lasting', 100 * second)).toBe(true)
  })

  it('remembers who came too often, however many others have something open', () => {
    const admission = new Admission({ maxConnections: 10_000, maxHandshakes: 10_000, maxPerAddress: 1, perSecondPerAddress: 1 })
    for (let i = 0; i < 5_000; i++) expect(admission.admit(`lasting ${i}`, 0)).toBe(true)
    for (let i = 0; i < 2; i++) {
      expect(admission.admit('hasty', 0)).toBe(true)
      admission.gone('hasty')
    }
    admission.admit('another', 0)
    expect(admission.admit('hasty', 0)).toBe(false)
  })

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['unix', 'unix'],
  ])('takes %s for %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})

describe('back-off', () => {
  it('doubles up to its cap, is cut short by chance by up to a half, and begins anew when all is well', () => {
    const backOff = new BackOff({ minDelayMs: 100, maxDelayMs: 1_000 }, new SeededRandom(1))
    for (const most of [100, 200, 400, 800, 1_000, 1_000]) {
      const delayMs = backOff.next()
      expect(delayMs).toBeGreaterThanOrEqual(most / 2)
      expect(delayMs).toBeLessThanOrEqual(most)
    }
    backOff.reset()
    expect(backOff.next()).toBeLessThanOrEqual(100)
    const others = Array.from({ length: 50 }, (_, i) => new BackOff({ minDelayMs: 100, maxDelayMs: 1_000 }, new SeededRandom(i)).next())
    expect(new Set(others).size).toBeGreaterThan(45)
    const long = new BackOff({ minDelayMs: 1, maxDelayMs: 1_000 }, new SeededRandom(1))
    for (let i = 0; i < 2_000; i++) expect(long.next()).toBeLessThanOrEqual(1_000)
  })
})

describe('options of a transport', () => {
  const make = (more: Partial<TransportOptions>) => () =>
    createTransport({ node: 'a', cluster: 'c', carriers: [new MemoryNetwork().carrier()], ...more })

  it.each<[string, Partial<TransportOptions>]>([
    ['node', { node: 'a b' }],
    ['node', { node: '' }],
    ['node', { node: 'a'.repeat(65) }],
    ['cluster', { cluster: 'ü' }],
    ['incarnation', { incarnation: -1 }],
    ['carriers', { carriers: [] }],
    ['carriers', { carriers: [new MemoryNetwork().carrier(), new MemoryNetwork().carrier()] }],
    ['secret', { secret: 'short' }],
    ['maxMessageBytes', { maxMessageBytes: 4095 }],
    ['queueBytes', { queueBytes: 1000 }],
    ['whenFull', { whenFull: 'drop' as 'reject' }],
    ['maxRequests', { maxRequests: 65_537 }],
    ['streamWindowBytes', { streamWindowBytes: 4095 }],
    ['flushBytes', { flushBytes: 1023 }],
    ['heartbeatMs', { heartbeatMs: 9 }],
    ['deadAfterMs', { heartbeatMs: 500, deadAfterMs: 999 }],
    ['stallAfterMs', { stallAfterMs: 9 }],
    ['handshakeMs', { handshakeMs: Number.NaN }],
    ['maxFramesPerSecond', { maxFramesPerSecond: 0 }],
    ['reconnect.minDelayMs', { reconnect: { minDelayMs: 0 } }],
    ['reconnect.maxDelayMs', { reconnect: { minDelayMs: 10, maxDelayMs: 9 } }],
    ['maxPeers', { maxPeers: 0 }],
    ['admission.maxPerAddress', { admission: { maxPerAddress: 0 } }],
  ])('refuse %s of %j', (option, more) => {
    expect(make(more)).toThrow(OptionError)
    expect(make(more)).toThrow(new RegExp(`^option ${option.replace('.', '\\.')} is `))
  })

  it('take the ends of their ranges', () => {
    expect(
      make({ node: 'a'.repeat(64), maxMessageBytes: 4096, queueBytes: 4104, heartbeatMs: 10, deadAfterMs: 20, stallAfterMs: 10 }),
    ).not.toThrow()
    expect(make({ maxMessageBytes: 2 ** 27, incarnation: 2 ** 53 - 1, maxBytesPerSecond: 1, secret: '16 bytes will do' })).not.toThrow()
  })
})
