import { SeededRandom, SimulatedNetwork, Simulation } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { incarnationOf } from '../src/index.ts'
import { GroupWorld } from './sim/group-world.ts'

const PATIENCE_MS = 60_000

/** Three members with journals on simulated disks, and users that write. */
function group(seed: number) {
  const sim = new Simulation({ seed })
  const world = new GroupWorld(sim, new SimulatedNetwork(sim), {
    nodes: 3,
    voters: 3,
    tickMs: 20,
    compactEvery: 1_000,
    changes: false,
    config: { electionTick: 10 },
    journals: { segmentBytes: 16 * 1024, maxBatchBytes: 8 * 1024 },
  })
  for (const node of world.nodes) node.start()
  return { sim, world }
}

describe('groups with journals on simulated disks', () => {
  it('have no life on a node that still opens its disk, however alive the one before looks', async () => {
    const { sim, world } = group(1)
    await sim.eventually('somebody leads', () => world.leader !== undefined, PATIENCE_MS)
    const leads = world.nodes.find(node => world.replicaOn(node) === world.leader)
    if (leads === undefined) throw new Error('it leads on no node')
    leads.crash()
    leads.start()
    expect(leads.state).toBe('running')
    expect(world.replicaOn(leads)).toBeUndefined()
    await sim.eventually('its disk is open', () => world.replicaOn(leads) !== undefined, PATIENCE_MS)
  })

  it('read a disk that lied from its platter, and not from what the system has cached: its machine loses its power first', async () => {
    let damaged = 0
    for (let seed = 1; seed <= 5; seed++) {
      const { sim, world } = group(seed)
      const loss = world.losses?.fault(1, { least: 1, most: 1 })
      const random = new SeededRandom(seed)
      let end: (() => void) | undefined
      await sim.eventually(
        'a disk lies or is lost',
        () => {
          end = loss?.begin(random)
          return end !== undefined
        },
        PATIENCE_MS,
      )
      const liar = world.nodes.find(({ disk }) => disk.faults.rates.misdirectedWrites > 0)
      const before = liar?.crashes ?? 0
      await sim.run({ forMs: 100 })
      end?.()
      if (liar === undefined) continue
      damaged++
      expect(liar.crashes, `seed ${seed}`).toBeGreaterThan(before)
      await sim.eventually('all disks are sound', () => world.losses?.isOver === true, PATIENCE_MS)
    }
    expect(damaged).toBeGreaterThan(0)
  })

  it('leave a new incarnation its disk, however often that fails: nothing has damaged it, and the group may need it', async () => {
    const { sim, world } = group(1)
    const loss = world.losses?.fault(1, { least: 1, most: 1 })
    // The first disk of this seed is wiped at once.
    const random = new SeededRandom(1)
    await sim.eventually('a disk is lost', () => loss?.begin(random) !== undefined, PATIENCE_MS)
    const machine = world.machines.find(({ member }) => incarnationOf(member) > 0)
    const member = machine?.member
    if (member === undefined) throw new Error('none was replaced')
    for (let i = 0; i < 10; i++) world.losses?.refused(member, { code: 'EIO' })
    expect(machine?.member).toBe(member)
    expect(() => world.losses?.refused(member, new Error('forgot a vote'))).toThrow('forgot a vote')
  })
})
