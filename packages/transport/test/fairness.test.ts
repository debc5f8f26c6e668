import { SimulatedNetwork, SimulatedNode, type SimulatedProcess, Simulation, simulatedCarrier } from '@disruptorx/testkit'
import { createTransport, type TransportOptions } from '@disruptorx/transport'
import { describe, expect, it } from 'vitest'

const MIB = 2 ** 20

/** Two nodes on a wire of 1 MiB a second, in virtual time. */
function slowWire(options: Partial<TransportOptions>) {
  const sim = new Simulation({ seed: 1 })
  const network = new SimulatedNetwork(sim, { delayMs: 1, bytesPerSecond: MIB })
  const [a, b] = ['a', 'b'].map(name => {
    let process: SimulatedProcess | undefined
    const node = new SimulatedNode(sim, {
      name,
      network,
      start: given => {
        process = given
      },
    })
    node.start()
    const living = process as unknown as SimulatedProcess
    const { clock, scheduler, random } = living
    return createTransport({
      node: name,
      cluster: 'test',
      carriers: [simulatedCarrier(living)],
      clock,
      scheduler,
      random,
      deadAfterMs: 60_000,
      ...options,
    })
  }) as [ReturnType<typeof createTransport>, ReturnType<typeof createTransport>]
  sim.usePromises()
  return { sim, a, b }
}

describe('a small message beside bulk', () => {
  it.each([1, 8])('waits for no more than the window of %i streams, and bulk still gets the rest of the wire', async streams => {
    const { sim, a, b } = slowWire({ streamWindowBytes: 64 * 1024 })
    b.onRequest(({ body }) => body)
    let read = 0
    b.onStream(async stream => {
      for await (const piece of stream) read += piece.length
    })
    const delaysMs: number[] = []
    let isDone = false
    void (async () => {
      await b.listen('sim://b')
      await a.dial('sim://b')
      const bulk = Promise.all(
        Array.from({ length: streams }, async () => {
          const stream = a.openStream('b', new Uint8Array(0))
          await stream.write(new Uint8Array((8 * MIB) / streams))
          await stream.end()
        }),
      )
      for (let i = 0; i < 20; i++) {
        const beganMs = sim.nowMs
        await a.request('b', Uint8Array.of(i), { timeoutMs: 60_000 })
        delaysMs.push(sim.nowMs - beganMs)
      }
      await bulk
      isDone = true
    })()
    const beganMs = sim.nowMs
    await sim.run({ until: () => isDone, forMs: 60_000 })
    expect([isDone, read]).toEqual([true, 8 * MIB])
    // What was on its way before it, and one write: 64 KiB take 62 ms. All of the bulk takes 8 s.
    expect(Math.max(...delaysMs)).toBeLessThan(62.5 * (streams + 2))
    expect(sim.nowMs - beganMs).toBeLessThan(10_000)
  })

  it('does not keep bulk from going on', async () => {
    const { sim, a, b } = slowWire({ queueBytes: 2 ** 18, maxMessageBytes: 2 ** 16 })
    let read = 0
    b.onStream(async stream => {
      for await (const piece of stream) read += piece.length
    })
    void (async () => {
      await b.listen('sim://b')
      await a.dial('sim://b')
      const stream = a.openStream('b', new Uint8Array(0))
      void stream.write(new Uint8Array(8 * MIB)).catch(() => {})
      // More messages than the wire takes, without an end.
      for (;;) {
        while (a.send('b', new Uint8Array(10_000)));
        await a.ready('b')
      }
    })()
    await sim.run({ forMs: 10_000 })
    expect(read).toBeGreaterThan(MIB / 8)
  })
})
