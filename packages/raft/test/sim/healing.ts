import type { SimulatedNetwork, Simulation } from '@disruptorx/testkit'
import type { GroupWorld } from './group-world.ts'
import type { Replica } from './replica.ts'

/** A user asks for the same thing so often. */
const ASK_EVERY_MS = 500
const WITHIN_MS = 30_000

/** Everything is well again: the group has to go on, and do what its users ask for. */
export async function heal(sim: Simulation, network: SimulatedNetwork, world: GroupWorld): Promise<void> {
  network.heal()
  for (const node of world.nodes) {
    node.heal()
    node.start()
  }
  world.users = 'entries'
  const goal = world.safety.committed + 20
  await sim.eventually('more entries are applied by every member', () => world.hasAllApplied(goal), WITHIN_MS)
  await comesTrue(sim, world, 'reads', leader => leader.ask(node => node.readIndex(world.safety.asksRead())))
  // Who takes over must have the whole log within an election time-out, which some bounds are too narrow for while users go on.
  world.users = 'nothing'
  await comesTrue(sim, world, 'transfers', handOver)
  // In a new term, but for a leader that is alone: a transfer that failed leaves a leader without a lease.
  if (world.hasLeases) await comesTrue(sim, world, 'lease reads', leader => leader.readByLease(0))
}

/** The leader is asked until there is one more of a fact. */
async function comesTrue(sim: Simulation, world: GroupWorld, fact: string, ask: (leader: Replica) => void): Promise<void> {
  const before = sim.facts.of(fact)
  let isOver = false
  const again = () => {
    if (isOver) return
    if (world.leader !== undefined) ask(world.leader)
    sim.schedule(ASK_EVERY_MS * 1e6, again)
  }
  again()
  const isOrCannotBe = () => sim.facts.of(fact) > before || (fact !== 'reads' && isAlone(world.leader))
  await sim.eventually(`there are more ${fact}`, isOrCannotBe, WITHIN_MS)
  isOver = true
}

function handOver(leader: Replica): void {
  const other = leader.node.status().configuration.voters.find(id => id !== leader.id)
  if (other !== undefined) leader.ask(node => node.transferLeadership(other))
}

/** Whether there is nobody to hand leadership over to: it goes on in its term, perhaps without a lease. */
function isAlone(leader: Replica | undefined): boolean {
  return leader?.node.status().configuration.voters.every(id => id === leader.id) ?? false
}
