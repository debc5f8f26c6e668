import type { FaultKind, SeededRandom, SimulatedNode, Simulation } from '@disruptorx/testkit'
import { EMPTY_CONF_STATE, incarnationOf, memberId, nodeOf } from '../../src/index.ts'
import type { Replica } from './replica.ts'
import { type JournalStore, RecoveryError } from './storage/journal-store.ts'
import { lies, type MemberDisk } from './storage/member-disk.ts'

/** Openings in a row that must fail until a disk counts as lost. */
const MOST_REFUSALS = 3
const OPERATOR_MS = 100

/** A node whose disk may be lost. */
export interface Machine {
  readonly node: SimulatedNode
  readonly disk: MemberDisk
  /** The member that its disk is of. */
  member: number
  store: JournalStore
}

/** What losses need of the world. */
export interface LossyWorld {
  readonly machines: readonly Machine[]
  readonly leader: Replica | undefined
  /** The member of a node that lives now; `undefined` while it is down or opens its disk. */
  replicaOf(member: number): Replica | undefined
  /** A new incarnation of a node takes its place, with an empty disk. */
  replace(machine: Machine, member: number): void
}

/**
 * Takes the disk of one node at a time: damages it while the node works, or wipes it at once. A disk that is beyond repair is replaced, and its node comes back as
 * its next incarnation, which is another member: an operator has it take the old one's place.
 *
 * It strikes only where every configuration that may be in force, or come into force, has a quorum without that node; and until that node is replaced nobody may
 * ask for other changes. More than one lost disk is more than a group of three survives.
 */
export class DiskLosses {
  readonly #sim: Simulation
  readonly #world: LossyWorld
  /** The node whose disk may be damaged now. */
  #victim: Machine | undefined
  #refusals = 0
  #isDamaging = false
  /** Users may ask for changes now. */
  #isCalm = false

  constructor(sim: Simulation, world: LossyWorld) {
    this.#sim = sim
    this.#world = world
    this.#toggle(sim.randomFor('losses'))
  }

  /** Whether users may ask for changes of the configuration: not while a disk is lost, nor shortly before. */
  get allowsChanges(): boolean {
    return this.#victim === undefined && !this.#isCalm
  }

  /** Whether every node has a disk that is sound. */
  get isOver(): boolean {
    return this.#victim === undefined
  }

  fault(weight: number, lastsMs: FaultKind['durationMs']): FaultKind {
    return {
      name: 'diskLoss',
      weight,
      durationMs: lastsMs,
      begin: random => {
        const able = this.#victim === undefined && this.#isSettled() ? this.#world.machines.filter(machine => this.#mayLose(machine)) : []
        if (able.length === 0) return undefined
        const machine = random.pick(able)
        this.#victim = machine
        this.#refusals = 0
        if (random.chance(0.4)) {
          this.#wipe(machine)
          return () => undefined
        }
        return this.#damage(machine, random)
      },
    }
  }

  /** A node could not open its disk, or had to stop. @throws when it has no reason for that */
  refused(member: number, error: unknown): void {
    if (error instanceof RecoveryError) throw error
    const machine = this.#victim
    // The disk of a new incarnation is a new one: the group may need it soon, and nothing has damaged it.
    if (machine?.member !== member || !machine.store.mustVerify) {
      if (isOfDisk(error)) return
      throw error
    }
    if (this.#isDamaging || ++this.#refusals < MOST_REFUSALS) return
    this.#sim.facts.count('disks refused for good')
    this.#wipe(machine)
  }

  /** A node has opened its disk and read all of it. */
  opened(member: number): void {
    const machine = this.#victim
    if (machine?.member !== member || this.#isDamaging || !machine.store.mustVerify) return
    machine.store.mustVerify = false
    machine.disk.atlas.healed(machine.node.name)
    this.#sim.facts.count('damaged disks found sound')
    this.#victim = undefined
  }

  /** Makes a disk lie for a while. Then its node must read all of it, to see whether it is worth anything. */
  #damage(machine: Machine, random: SeededRandom): () => void {
    const { node, store } = machine
    const badSectors = () => this.#sim.coverage.of('disk.badSectors')
    const before = badSectors()
    this.#isDamaging = true
    store.mustVerify = true
    const end = node.disk.faults.worsen(lies)
    for (let left = random.below(3); left > 0; left--) node.disk.rot()
    if (random.chance(0.2)) node.disk.spoil()
    this.#sim.facts.count('disks damaged')
    return () => {
      end()
      this.#isDamaging = false
      if (this.#victim !== machine || machine.store !== store) return
      // One that nobody needs today is where something will be written tomorrow.
      if (badSectors() > before) return this.#wipe(machine)
      // What the system has cached would hide what is on the platter from who reads it now, and not from who does after the next loss of power.
      node.crash()
      node.start()
    }
  }

  #wipe(machine: Machine): void {
    const { node, member, disk } = machine
    node.crash()
    node.disk.wipe()
    disk.wiped(node.name)
    const next = memberId(nodeOf(member), incarnationOf(member) + 1)
    this.#sim.facts.count('disks lost')
    this.#world.replace(machine, next)
    this.#sim.schedule(50e6, () => node.start())
    this.#operate(machine, member)
  }

  /** Has the new incarnation take the place of the old one, once it is there; at once, or as a learner first. */
  #operate(machine: Machine, old: number): void {
    this.#sim.schedule(OPERATOR_MS * 1e6, () => {
      const { leader } = this.#world
      const { member } = machine
      const { voters, learners, votersOutgoing } = leader?.confState ?? EMPTY_CONF_STATE
      if (votersOutgoing.length === 0 && ![...voters, ...learners].includes(old) && this.#isIn(leader, machine)) {
        this.#sim.facts.count('incarnations replaced')
        this.#victim = undefined
        return
      }
      const isLearner = this.#sim.randomFor('operator', member).chance(0.5)
      const type = learners.includes(member) || !isLearner ? 'add-node' : 'add-learner-node'
      const changes = [{ type: 'remove-node', nodeId: old } as const, { type, nodeId: member } as const]
      if (this.#world.replicaOf(leader?.id ?? 0) === leader)
        leader?.ask(node => node.proposeConfChange({ transition: 'auto', changes, context: new Uint8Array(0) }))
      this.#operate(machine, old)
    })
  }

  /** Whether the leader knows of the new incarnation as a voter that has started. */
  #isIn(leader: Replica | undefined, { member }: Machine): boolean {
    return leader?.confState.voters.includes(member) === true
  }

  /** Whether any configuration that can still come into force has a quorum without this one. */
  #mayLose({ member }: Machine): boolean {
    const voters = this.#world.leader?.confState.voters ?? []
    return !voters.includes(member) || voters.length >= 3
  }

  /** Whether one configuration is in force everywhere, and none is on its way: all who belong to it are there, and have nothing else in their logs. */
  #isSettled(): boolean {
    const { leader } = this.#world
    if (leader === undefined || !this.#isCalm) return false
    const { voters, votersOutgoing, learners } = leader.confState
    const { term } = leader.node.status()
    const configuration = JSON.stringify(leader.confState)
    return (
      votersOutgoing.length === 0 &&
      [...voters, ...learners].every(member => {
        const replica = this.#world.replicaOf(member)
        if (replica?.isIdle !== true || replica.node.status().term !== term) return false
        return JSON.stringify(replica.confState) === configuration && !replica.hasChangeAhead
      })
    )
  }

  /** Users ask for changes for a while, then for none. */
  #toggle(random: SeededRandom): void {
    this.#isCalm = !this.#isCalm
    this.#sim.schedule(random.between(500, 2_500) * 1e6, () => this.#toggle(random))
  }
}

/** Whether an error is the disk's own, which may be over the next time. */
function isOfDisk(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  return code === 'EIO' || code === 'ENOSPC' || (cause !== undefined && isOfDisk(cause))
}
