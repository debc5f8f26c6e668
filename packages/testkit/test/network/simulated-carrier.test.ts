import type { Carrier, Pipe, PipeUser } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { simulatedCarrier } from '../../src/network/simulated-carrier.ts'
import type { SimulatedProcess } from '../../src/node/simulated-process.ts'
import { stations } from './stations.ts'

const terms = { hasSecret: false }

/** What an end of a pipe heard. */
class Ear implements PipeUser {
  readonly bytes: number[] = []
  readonly pieces: number[] = []
  readonly closings: string[] = []
  writes = 0

  received(bytes: Uint8Array): void {
    this.bytes.push(...bytes)
    this.pieces.push(bytes.length)
  }

  written(): void {
    this.writes++
  }

  closed(error: Error | undefined): void {
    this.closings.push(error?.message ?? 'by agreement')
  }
}

/** Nodes a and b with carriers, of which b listens. */
async function carriers(admits = true) {
  const world = stations({ delayMs: { least: 0.1, most: 2 } })
  const carrierOf = (name: 'a' | 'b') => simulatedCarrier(world.nodes[name].process as SimulatedProcess)
  const [a, b] = [carrierOf('a'), carrierOf('b')]
  const accepted: Pipe[] = []
  const listener = await b.listen('sim://b', terms, {
    admits: () => admits,
    accept: pipe => void accepted.push(pipe),
    failed: () => undefined,
  })
  return { ...world, a, b, accepted, listener }
}

async function dialed(carrier: Carrier, address: string, run: () => Promise<unknown>): Promise<Pipe | string> {
  const outcome = new Promise<Pipe | string>(resolve => carrier.dial(address, terms, resolve, error => resolve(error.message)))
  await run()
  return outcome
}

async function piped() {
  const world = await carriers()
  const near = (await dialed(world.a, 'sim://b', () => world.sim.run())) as Pipe
  const [far] = world.accepted
  if (far === undefined) throw new Error('nobody was accepted')
  const [nearEar, farEar] = [new Ear(), new Ear()]
  near.open(nearEar)
  far.open(farEar)
  return { ...world, near, far, nearEar, farEar }
}

describe('a pipe over a simulated network', () => {
  it('carries bytes in order, cut anywhere, and tells when a write has gone', async () => {
    const { sim, near, far, nearEar, farEar } = await piped()
    expect([near.remoteAddress, far.remoteAddress]).toEqual(['b', 'a'])
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7)
    near.write(bytes)
    far.write(bytes.subarray(0, 10))
    expect([nearEar.writes, farEar.writes]).toEqual([0, 0])
    await sim.run()
    expect([nearEar.writes, farEar.writes]).toEqual([1, 1])
    expect([Uint8Array.from(farEar.bytes), Uint8Array.from(nearEar.bytes)]).toEqual([bytes, bytes.slice(0, 10)])
    expect(new Set(farEar.pieces).size).toBeGreaterThan(5)
  })

  it('holds the writer up while nobody reads, and goes on', async () => {
    const { sim, near, far, nearEar, farEar } = await piped()
    far.pause()
    near.write(new Uint8Array(3 * 1_048_576))
    await sim.run({ forMs: 1_000 })
    expect([nearEar.writes, farEar.bytes.length]).toEqual([0, 0])
    far.resume()
    await sim.run()
    expect([nearEar.writes, farEar.bytes.length]).toEqual([1, 3 * 1_048_576])
  })

  it('ends after what was written, or at once with an error', async () => {
    const first = await piped()
    first.near.write(Uint8Array.of(1, 2, 3))
    first.near.end()
    await first.sim.run()
    expect([first.farEar.bytes, first.farEar.closings, first.nearEar.closings]).toEqual([[1, 2, 3], ['by agreement'], ['by agreement']])
    const second = await piped()
    second.near.destroy()
    await second.sim.run()
    expect([second.nearEar.closings, second.farEar.closings]).toEqual([[], ['the link from b to a is broken: it was broken there']])
  })
})

describe('the carrier of a simulated process', () => {
  it('listens at the name of its node, once at a time', async () => {
    const { b, listener } = await carriers()
    const acceptor = { admits: () => true, accept: () => undefined, failed: () => undefined }
    await expect(b.listen('sim://a', terms, acceptor)).rejects.toThrow('it must be sim://b')
    await expect(b.listen('sim://b', terms, acceptor)).rejects.toMatchObject({ code: 'DX_LISTEN' })
    await listener.close()
    expect((await b.listen('sim://b', terms, acceptor)).address).toBe('sim://b')
    expect(() =>
      b.dial(
        'tcp://b:1',
        terms,
        () => undefined,
        () => undefined,
      ),
    ).toThrow('sim:// and the name of a node')
  })

  it('breaks connections that are not welcome, and those that nobody waits for any more', async () => {
    const { sim, a, accepted } = await carriers(false)
    const pipe = (await dialed(a, 'sim://b', () => sim.run())) as Pipe
    const ear = new Ear()
    pipe.open(ear)
    await sim.run()
    expect([accepted.length, ear.closings]).toEqual([0, ['the link from a to b is broken: it was broken there']])
    const open = await carriers()
    open.a.dial(
      'sim://b',
      terms,
      () => expect.unreachable('it was given up'),
      () => expect.unreachable('it was given up'),
    )()
    await open.sim.run()
    const farEar = new Ear()
    open.accepted[0]?.open(farEar)
    await open.sim.run()
    expect(farEar.closings).toEqual(['the link from b to a is broken: it was broken there'])
  })
})
