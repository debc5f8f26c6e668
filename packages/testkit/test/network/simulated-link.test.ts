import type { Link } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import type { SimulatedLink } from '../../src/network/simulated-link.ts'
import type { SimulatedNetworkOptions } from '../../src/network/simulated-network.ts'
import { stations, upTo } from './stations.ts'

/** What an end of a link heard. */
class Ear {
  readonly frames: number[] = []
  readonly closed: string[] = []

  listen(link: Link): void {
    link.onFrame(frame => void this.frames.push(frame[0] as number))
    link.onClosed(reason => void this.closed.push(reason?.message ?? 'by agreement'))
  }
}

/** A link from a to b. */
async function linked(options: SimulatedNetworkOptions = {}, seed = 1) {
  const world = stations(options, seed)
  const [near, far] = [new Ear(), new Ear()]
  let ends: { near?: SimulatedLink; far?: SimulatedLink } = {}
  world.nodes.b.process?.listen(link => {
    far.listen(link)
    ends = { ...ends, far: link }
  })
  world.nodes.a.process?.connect(
    'b',
    link => {
      near.listen(link)
      ends = { ...ends, near: link }
    },
    error => expect.unreachable(error.message),
  )
  await world.sim.run({ forMs: 2_000 })
  if (ends.near === undefined || ends.far === undefined) throw new Error('the link was not made')
  return { ...world, near, far, nearEnd: ends.near, farEnd: ends.far }
}

const frame = (number: number, length = 1) => new Uint8Array(length).fill(number)

describe('a link over a simulated network', () => {
  it('knows its peers, and carries frames in order, both ways', async () => {
    const { sim, near, far, nearEnd, farEnd } = await linked({ delayMs: { least: 0, most: 20 } })
    expect([nearEnd.peer, farEnd.peer]).toEqual(['b', 'a'])
    for (const i of upTo(100)) expect([nearEnd.send(frame(i)), farEnd.send(frame(i))]).toEqual([true, true])
    await sim.run()
    expect([near.frames, far.frames]).toEqual([upTo(100), upTo(100)])
    expect(sim.coverage.counts()).toEqual({})
  })

  it('loses, doubles and reorders nothing on a network that does, it is only slower', async () => {
    const { sim, far, nearEnd, count } = await linked({ loss: 0.2, duplication: 0.3, reordering: 0.3 }, 3)
    const began = sim.nowMs
    for (const i of upTo(100)) nearEnd.send(frame(i))
    await sim.run({ forMs: 5_000 })
    expect(far.frames).toEqual(upTo(100))
    expect(count('loss')).toBeGreaterThan(5)
    expect([count('duplication'), count('reordering')]).toEqual([0, 0])
    expect(sim.nowMs - began).toBeGreaterThan(200)
  })

  it('waits through a short cut, and breaks in a long one, at the end that sends', async () => {
    const { sim, network, near, far, nearEnd } = await linked()
    const mend = network.partition(['a'], ['b'])
    nearEnd.send(frame(1))
    await sim.run({ forMs: 9_000 })
    expect(far.frames).toEqual([])
    mend()
    await sim.run({ forMs: 10 })
    expect(far.frames).toEqual([1])
    network.partition(['a'], ['b'])
    nearEnd.send(frame(2))
    await sim.run({ forMs: 10_001 })
    expect([near.closed, far.closed]).toEqual([['the link from a to b is broken: nothing gets through'], []])
    expect(() => nearEnd.send(frame(3))).toThrow('is closed')
  })

  it('is broken when the process at the other end was killed: at once when its machine goes on, later when it crashed', async () => {
    const killed = await linked()
    killed.nodes.b.kill()
    await killed.sim.run({ forMs: 10 })
    expect(killed.near.closed).toEqual(['the link from a to b is broken: its process is gone'])
    const crashed = await linked()
    crashed.nodes.b.crash()
    await crashed.sim.run({ forMs: 1_000 })
    expect(crashed.near.closed).toEqual([])
    crashed.nodes.b.start()
    crashed.nearEnd.send(frame(1))
    await crashed.sim.run({ forMs: 10 })
    expect(crashed.near.closed).toEqual(['the link from a to b is broken: another process is at the other end'])
    expect(crashed.count('linkBreaks')).toBe(1)
  })

  it('closes by agreement, after everything that was sent before', async () => {
    const { sim, near, far, nearEnd } = await linked()
    nearEnd.send(frame(1))
    await nearEnd.close()
    await nearEnd.close()
    await sim.run()
    expect([far.frames, far.closed, near.closed]).toEqual([[1], ['by agreement'], ['by agreement']])
  })

  it('takes no more than its queue holds', async () => {
    const { sim, nearEnd, far } = await linked()
    const half = 512 * 1024
    expect([nearEnd.send(frame(1, half)), nearEnd.send(frame(2, half)), nearEnd.send(frame(3))]).toEqual([true, true, false])
    await sim.run()
    expect([far.frames, nearEnd.send(frame(4))]).toEqual([[1, 2], true])
    expect(() => nearEnd.send(frame(5, 2 * half + 1))).toThrow(/frame/)
  })

  it('is not made where nobody listens, or nobody is', async () => {
    const { sim, nodes } = stations()
    const failures: string[] = []
    for (const peer of ['c', 'nobody'])
      nodes.a.process?.connect(
        peer,
        () => expect.unreachable('nobody is there'),
        error => void failures.push(`${sim.nowMs} ${error.message}`),
      )
    await sim.run()
    expect(failures).toEqual(['2 the link from a to c is broken: refused', '10000 the link from a to nobody is broken: no answer'])
  })

  it('keeps its order when the process at its end goes on after a pause', async () => {
    const { sim, nodes, network, nearEnd, far } = await linked()
    const free = network.clog(['a'], ['b'])
    nearEnd.send(frame(1))
    await sim.run({ forMs: 5 })
    nodes.b.pause()
    free()
    nearEnd.send(frame(2))
    await sim.run({ forMs: 5 })
    nearEnd.send(frame(3))
    // It arrives in the very moment at which the process goes on.
    sim.schedule(1e6, () => nodes.b.resume())
    await sim.run()
    expect(far.frames).toEqual([1, 2, 3])
  })

  it('holds frames back while it is paused, so that the queue of the sender fills', async () => {
    const { sim, nearEnd, farEnd, far } = await linked()
    const half = 512 * 1024
    farEnd.pause()
    expect([nearEnd.send(frame(1, half)), nearEnd.send(frame(2, half))]).toEqual([true, true])
    await sim.run()
    expect([far.frames, nearEnd.send(frame(3))]).toEqual([[], false])
    farEnd.resume()
    expect([far.frames, nearEnd.send(frame(3))]).toEqual([[1, 2], true])
    await sim.run()
    expect(far.frames).toEqual([1, 2, 3])
  })

  it('can be broken from one end, which hears nothing more of it', async () => {
    const { sim, near, far, nearEnd, farEnd } = await linked()
    nearEnd.destroy()
    farEnd.send(frame(1))
    await sim.run()
    expect([near.frames, near.closed, far.closed]).toEqual([[], [], ['the link from b to a is broken: it was broken there']])
  })
})
