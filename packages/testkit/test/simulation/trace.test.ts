import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/simulation/simulation.ts'
import { formatRecord } from '../../src/simulation/trace.ts'

async function traced(seed: number, trace: boolean | { maxRecords: number } = true, steps = 50): Promise<Simulation> {
  const sim = new Simulation({ seed, trace })
  const random = sim.randomFor('steps')
  for (let i = 0; i < steps; i++) sim.schedule(random.below(1e6), () => sim.trace?.record('n1', 'step', { i, of: steps, gone: undefined }))
  await sim.run()
  return sim
}

describe('a trace', () => {
  it('is the same to the last byte for two runs of a seed, and another one for another seed', async () => {
    const [a, b, other] = await Promise.all([traced(1), traced(1), traced(2)])
    expect(a.trace?.lines()).toEqual(b.trace?.lines())
    expect([a.trace?.digest, a.trace?.total]).toEqual([b.trace?.digest, 50])
    expect(a.trace?.digest).not.toBe(other.trace?.digest)
  })

  it('is not there unless asked for', async () => {
    expect((await traced(1, false)).trace).toBeUndefined()
  })

  it('keeps its newest records, and its digest is of all of them', async () => {
    const [few, all] = [await traced(1, { maxRecords: 5 }), await traced(1)]
    expect(few.trace?.lines()).toEqual(all.trace?.lines(5))
    expect([few.trace?.total, few.trace?.digest]).toEqual([50, all.trace?.digest])
  })

  it('reads as a mark for faults, event, moment, source, what happened, and the values that there are', () => {
    const record = {
      event: 12,
      atNs: 1_234_567,
      source: 'n1',
      what: 'write',
      fields: { path: 'd/f', target: undefined, length: 512 },
      isFault: false,
    }
    expect(formatRecord(record)).toBe('      #12         1.234567 ms  n1             write  path=d/f length=512')
    expect(formatRecord({ ...record, fields: undefined, isFault: true })).toBe('!     #12         1.234567 ms  n1             write')
  })
})
