import { describe, expect, it } from 'vitest'
import { cloneMessage } from '../../src/network/clone-message.ts'
import { stations, upTo } from './stations.ts'

describe('a network without faults', () => {
  it('brings every datagram once, in order, after its delay', async () => {
    const { sim, received, stream, numbers } = stations()
    await stream('a', 'b', 50)
    expect(numbers('b')).toEqual(upTo(50))
    expect(received[0]).toEqual({ at: 1, to: 'b', from: 'a', payload: 1 })
    expect(sim.coverage.counts()).toEqual({})
  })

  it('keeps the order whatever the delays', async () => {
    const { sim, network, nodes, numbers } = stations({ delayMs: { least: 0, most: 100 } })
    for (const number of upTo(200)) nodes.a.process?.datagrams.send('b', number)
    await sim.run()
    expect(numbers('b')).toEqual(upTo(200))
    expect(network.find('nobody')).toBeUndefined()
  })

  it('hands over copies', async () => {
    const { sim, nodes, received } = stations()
    const payload = { list: [1, 2], bytes: new Uint8Array([1, 2]), map: new Map([['k', { x: 1 }]]), none: null }
    nodes.a.process?.datagrams.send('b', payload)
    nodes.a.process?.messages.send('b', payload.bytes)
    payload.list.push(3)
    payload.bytes[0] = 9
    await sim.run()
    const kept = { list: [1, 2], bytes: new Uint8Array([1, 2]), map: new Map([['k', { x: 1 }]]), none: null }
    expect(received.map(one => one.payload)).toEqual([kept, kept.bytes])
    expect(() => nodes.a.process?.datagrams.send('b', { f: () => 1 })).toThrow('a message cannot hold a function')
  })

  it('says that nobody was there', async () => {
    const { sim, nodes, count, numbers } = stations()
    nodes.b.crash()
    for (const to of ['b', 'nobody']) nodes.a.process?.datagrams.send(to, 1)
    await sim.run()
    expect([count('unreachable'), numbers('b')]).toEqual([2, []])
  })
})

describe('the fault', () => {
  it('loss takes datagrams and messages away, as many as it says', async () => {
    const { stream, numbers, count } = stations({ loss: 0.3 })
    await stream('a', 'b', 500)
    expect(numbers('b').length + count('loss')).toBe(500)
    expect(count('loss')).toBeGreaterThan(100)
    expect(count('loss')).toBeLessThan(200)
    expect(numbers('b')).toEqual([...new Set(numbers('b'))].sort((a, b) => a - b))
  })

  it('duplication brings datagrams twice, each copy by itself', async () => {
    const { sim, nodes, received, count } = stations({ duplication: 0.5 })
    for (const i of upTo(100)) nodes.a.process?.datagrams.send('b', { i, seen: false })
    sim.invariant('copies are apart', () => {
      const { payload } = received.at(-1) ?? {}
      if (payload === undefined) return
      expect((payload as { seen: boolean }).seen).toBe(received.length === marked)
      ;(payload as { seen: boolean }).seen = true
      marked = received.length
    })
    let marked = 0
    await sim.run()
    expect(received).toHaveLength(100 + count('duplication'))
    expect(count('duplication')).toBeGreaterThan(20)
    expect(count('reordering')).toBe(0)
  })

  it('reordering lets later datagrams overtake', async () => {
    const { stream, numbers, count } = stations({ reordering: 0.2 })
    await stream('a', 'b', 300)
    const overtaken = numbers('b').filter((number, i) =>
      numbers('b')
        .slice(0, i)
        .some(earlier => earlier > number),
    ).length
    expect(overtaken).toBe(count('reordering'))
    expect(overtaken).toBeGreaterThan(20)
    expect([...numbers('b')].sort((a, b) => a - b)).toEqual(upTo(300))
  })

  it('none of duplication and reordering befalls messages, which are at most once and in order', async () => {
    const { sim, nodes, received, count } = stations({ duplication: 0.5, reordering: 0.5, loss: 0.2, delayMs: { least: 0, most: 50 } })
    for (const i of upTo(200)) nodes.a.process?.messages.send('b', new Uint8Array([i]))
    await sim.run()
    const numbers = received.map(({ payload }) => (payload as Uint8Array)[0] as number)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(numbers.length).toBe(200 - count('loss'))
    expect([count('duplication'), count('reordering')]).toEqual([0, 0])
  })

  it('bandwidth makes packets wait for each other', async () => {
    const { sim, nodes, received, count } = stations({ bytesPerSecond: 1_000 })
    for (const i of upTo(3)) nodes.a.process?.datagrams.send('b', new Uint8Array(100).fill(i))
    nodes.a.process?.datagrams.send('c', new Uint8Array(100))
    await sim.run()
    expect(received.map(({ to, at }) => `${to} ${Math.round(at)}`)).toEqual(['b 101', 'c 101', 'b 201', 'b 301'])
    expect(count('bandwidth')).toBe(2)
  })

  it('bandwidth counts an object as large as asked', async () => {
    const { sim, nodes, received } = stations({ bytesPerSecond: 1_000, sizeOf: payload => (payload as { size: number }).size })
    nodes.a.process?.datagrams.send('b', { size: 500 })
    await sim.run()
    expect(Math.round(received[0]?.at ?? 0)).toBe(501)
  })

  it('overflow refuses what is too much', async () => {
    const { sim, nodes, numbers, count } = stations({ maxQueued: 3 })
    const taken = upTo(5).map(i => nodes.a.process?.datagrams.send('b', i))
    await sim.run()
    expect([taken, numbers('b'), count('overflow')]).toEqual([[true, true, true, false, false], upTo(3), 2])
    expect(nodes.a.process?.datagrams.send('b', 6)).toBe(true)
  })
})

describe('a cut', () => {
  it('of one way loses what goes that way, what is under way included, until it is mended', async () => {
    const { sim, network, nodes, numbers, count } = stations()
    nodes.a.process?.datagrams.send('b', 1)
    const mend = network.cut(['a'], ['b', 'c'])
    for (const to of ['b', 'c']) nodes.a.process?.datagrams.send(to, 2)
    nodes.b.process?.datagrams.send('a', 3)
    await sim.run()
    expect([numbers('a'), numbers('b'), numbers('c'), count('cut')]).toEqual([[3], [], [], 3])
    mend()
    nodes.a.process?.datagrams.send('b', 4)
    await sim.run()
    expect([numbers('b'), count('cut')]).toEqual([[4], 3])
  })

  it('between groups is a partition, and between two of three a partial one', async () => {
    const { sim, network, nodes, received } = stations()
    const talk = async () => {
      received.length = 0
      for (const from of [nodes.a, nodes.b, nodes.c])
        for (const to of ['a', 'b', 'c']) if (to !== from.name) from.process?.datagrams.send(to, 1)
      await sim.run()
      return received.map(({ from, to }) => `${from}${to}`).sort()
    }
    const mendGroups = network.partition(['a'], ['b', 'c'])
    expect(await talk()).toEqual(['bc', 'cb'])
    const mendPair = network.partition(['b'], ['c'])
    expect(await talk()).toEqual([])
    mendGroups()
    expect(await talk()).toEqual(['ab', 'ac', 'ba', 'ca'])
    mendPair()
    mendPair()
    expect(await talk()).toHaveLength(6)
  })

  it('by two is mended when both have mended it, or by healing', async () => {
    const { network } = stations()
    const [first, second] = [network.cut(['a'], ['b']), network.cut(['a'], ['b'])]
    first()
    expect(network.wire('a', 'b').isCut).toBe(true)
    second()
    expect(network.wire('a', 'b').isCut).toBe(false)
    const third = network.cut(['a'], ['b'])
    network.heal()
    expect(network.wire('a', 'b').isCut).toBe(false)
    network.cut(['a'], ['b'])
    third()
    expect(network.wire('a', 'b').isCut).toBe(true)
  })
})

describe('a clogged wire', () => {
  it('keeps packets where they are, and lets all of them come when it is free', async () => {
    const { sim, network, nodes, received, count } = stations()
    const free = network.clog(['a'], ['b'])
    for (const i of upTo(3)) nodes.a.process?.datagrams.send('b', i)
    nodes.a.process?.datagrams.send('c', 9)
    await sim.run({ forMs: 100 })
    expect([received.map(({ payload }) => payload), count('clogged')]).toEqual([[9], 3])
    free()
    await sim.run()
    expect(received.slice(1).map(({ at, payload }) => [at, payload])).toEqual([1, 2, 3].map(i => [100, i]))
  })
})

describe('the conditions of a network', () => {
  it('are those of a wire when it has its own', async () => {
    const { network, stream, numbers } = stations()
    network.setWire('a', 'b', { loss: 1 })
    await stream('a', 'b', 5)
    await stream('a', 'c', 5)
    network.setConditions({ delayMs: 3 })
    expect([numbers('b'), numbers('c'), network.wire('a', 'b').conditions.delayMs]).toEqual([[], upTo(5), 1])
    expect(network.wire('a', 'c').conditions.delayMs).toBe(3)
    network.heal()
    await stream('a', 'b', 5)
    expect(numbers('b')).toEqual(upTo(5))
  })

  it('are worse for a while, and as before when that is over, in whichever order such times end', () => {
    const { network } = stations({ loss: 0.1 })
    const wire = network.wire('a', 'b')
    const [first, second] = [network.worsen({ loss: 0.5 }), network.worsen({ duplication: 0.2 })]
    expect([wire.conditions.loss, wire.conditions.duplication]).toEqual([0.5, 0.2])
    first()
    expect([wire.conditions.loss, wire.conditions.duplication, network.wire('x', 'y').conditions.duplication]).toEqual([0.1, 0.2, 0.2])
    second()
    first()
    expect([wire.conditions.loss, wire.conditions.duplication]).toEqual([0.1, 0])
    network.worsen({ loss: 1 })
    network.heal()
    expect(wire.conditions.loss).toBe(0)
  })

  it('are checked', () => {
    for (const wrong of [
      { loss: 2 },
      { duplication: -1 },
      { delayMs: -1 },
      { bytesPerSecond: 0 },
      { maxQueued: 0 },
      { holdUpMs: { least: 2, most: 1 } },
    ])
      expect(() => stations(wrong)).toThrow(/option/)
  })

  it('of one wire have chance of their own: other wires and other faults change nothing', async () => {
    const arrivals = async (others: boolean) => {
      const { sim, nodes, received } = stations({ delayMs: { least: 0, most: 50 }, loss: 0.2 }, 7)
      for (const i of upTo(50)) {
        nodes.a.process?.datagrams.send('b', i)
        if (others) nodes.a.process?.datagrams.send('c', i)
      }
      await sim.run()
      return received.filter(({ to }) => to === 'b')
    }
    expect(await arrivals(true)).toEqual(await arrivals(false))
  })
})

describe('a message', () => {
  it('is copied deep, and refused when it cannot go over a wire', () => {
    const original = { a: [{ b: new Set([1]) }], c: undefined, d: 10n }
    const copy = cloneMessage(original)
    expect(copy).toEqual(original)
    expect(copy.a[0]).not.toBe(original.a[0])
    const circle: Record<string, unknown> = {}
    circle.self = circle
    for (const [wrong, what] of [
      [circle, 'a circle'],
      [Symbol('x'), 'a symbol'],
      [new Error('x'), 'an instance of Error'],
    ] as const)
      expect(() => cloneMessage(wrong)).toThrow(what)
  })
})
