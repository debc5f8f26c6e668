import type { FaultKind, Range, SeededRandom, SimulatedNode } from '@disruptorx/testkit'
import type { RawNode } from '../../src/index.ts'
import type { Attacked } from './attack.ts'
import type { Replica } from './replica.ts'

/** A leader, and the others in an order of chance. */
interface Victims {
  readonly leader: Replica
  readonly leads: SimulatedNode
  readonly others: readonly [SimulatedNode, ...SimulatedNode[]]
}

/** When what a candidate asked for comes a second time. */
const REPEATS_MS = { least: 10, most: 60 }

/** Faults that single the leader out, which faults that strike anybody seldom do. */
export class LeaderFaults {
  readonly #attacked: Attacked
  readonly #durationMs: Range

  constructor(attacked: Attacked, durationMs: Range) {
    this.#attacked = attacked
    this.#durationMs = durationMs
  }

  /** The leader is cut off, at times in one direction only: it hears nobody, or nobody hears it. */
  cutOff(weight: number): FaultKind {
    return this.#fault('leaderCutOff', weight, ({ leads, others }, random) => {
      const names = others.map(({ name }) => name)
      const how = random.below(3)
      if (how === 0) return this.#attacked.network.partition([leads.name], names)
      return how === 1 ? this.#attacked.network.cut(names, [leads.name]) : this.#attacked.network.cut([leads.name], names)
    })
  }

  /** The leader asks somebody to take over, thinks better of it, and hears nothing of what comes of that. */
  transferTakenBack(weight: number): FaultKind {
    return this.#fault('transferTakenBack', weight, ({ leader, leads, others }, random) => {
      const { network, world } = this.#attacked
      const successor = world.memberOn(others[0])
      leader.ask(node => node.transferLeadership(successor))
      this.#attacked.sim.schedule(random.below(10) * 1e6, () => this.#ask(leads, node => node.transferLeadership(leader.id)))
      return network.cut(
        others.map(({ name }) => name),
        [leads.name],
      )
    })
  }

  /**
   * A voter that does not hear the leader wants to lead, and another one, which did hear it, starts again: what that one had promised to the leader, it must not
   * have forgotten.
   */
  overthrow(weight: number): FaultKind {
    return this.#fault('overthrow', weight, ({ leads, others }, random) => {
      const { network } = this.#attacked
      const [rebel, ...loyal] = others
      const ends = [network.partition([leads.name], [rebel.name])]
      const { at, end: endPlan } = this.#plan()
      const delayMs = random.between(50, 300)
      const names = loyal.map(({ name }) => name)
      at(delayMs, () => {
        for (const one of loyal) one.kill()
      })
      at(delayMs + 1, () => {
        for (const one of loyal) one.start()
        if (random.chance(0.7)) ends.push(network.partition([leads.name], names))
      })
      for (let ms = delayMs + 2; ms < delayMs + 80; ms += 8) at(ms, () => this.#ask(rebel, node => node.campaign()))
      return () => {
        endPlan()
        for (const one of loyal) one.start()
        for (const end of ends) end()
      }
    })
  }

  /**
   * The acknowledgements of a follower are held up. The leader crashes before its own entries are durable, is elected once more without that follower, and fills
   * its log with others; and then what was held up arrives.
   */
  acknowledgedInAnEarlierTerm(weight: number): FaultKind {
    return this.#fault('acknowledgedInAnEarlierTerm', weight, ({ leads, others: [follower, ...rest] }, random) => {
      const { network } = this.#attacked
      const names = rest.map(({ name }) => name)
      const ends = [network.clog([follower.name], [leads.name])]
      const healRest = network.partition([leads.name, follower.name], names)
      const { at, end: endPlan } = this.#plan()
      this.#proposeSome(leads)
      const crashMs = 1 + 5 * random.float()
      at(crashMs, () => {
        leads.crash()
        leads.start()
        healRest()
        ends.push(network.partition([follower.name], [leads.name, ...names]))
      })
      for (let ms = crashMs + 10; ms < crashMs + 400; ms += 20)
        at(ms, () => {
          this.#ask(leads, node => node.campaign())
          this.#proposeSome(leads)
        })
      return () => {
        endPlan()
        healRest()
        // What was held up arrives only where nothing is cut any more.
        for (const end of ends.toReversed()) end()
      }
    })
  }

  /** Two want to lead in the same term, do not hear each other, and ask one that starts again all the time. */
  splitVote(weight: number): FaultKind {
    return this.#fault('splitVote', weight, ({ leads, others: [a, b] }, random) => {
      const { network } = this.#attacked
      if (b === undefined) return () => {}
      const heal = network.partition([a.name], [b.name])
      const { at, end: endPlan } = this.#plan()
      for (let ms = 0; ms < 150; ms += 20) {
        at(ms, () => {
          leads.kill()
          leads.start()
        })
        for (const one of [a, b]) at(ms + 10 * random.float(), () => this.#ask(one, node => node.campaign()))
      }
      return () => {
        endPlan()
        heal()
      }
    })
  }

  /**
   * Disks are slow, and a single follower hears the leader, whose entries it begins to write. Meanwhile the others go on in a newer term, and tell it so: entries
   * that it is still writing are replaced.
   */
  heardByOne(weight: number): FaultKind {
    return this.#fault('heardByOne', weight, ({ leads, others: [follower, ...rest] }, random) => {
      const { network, world } = this.#attacked
      if (rest.length === 0) return () => {}
      const names = rest.map(({ name }) => name)
      const ends = [network.partition([leads.name], names), ...[1, 2, 3].map(() => world.slowDown(random))]
      const { at, end: endPlan } = this.#plan()
      for (let ms = 0; ms < 60; ms += 10) at(ms, () => this.#ask(leads, node => node.propose([new Uint8Array(5)])))
      for (let ms = 20; ms < 500; ms += 60) at(ms, () => this.#ask(random.pick(rest), node => node.campaign()))
      const silentMs = random.between(50, 400)
      at(random.between(50, 100), () => {
        const heal = network.cut(names, [follower.name])
        ends.push(heal)
        at(silentMs, heal)
      })
      return () => {
        endPlan()
        for (const end of ends) end()
      }
    })
  }

  /**
   * A follower asks whether it could win, hears the leader again, promises to vote for nobody else, and only then learns from the refusal that there is a newer
   * term: that of a candidate, which it is asked to vote for once more.
   */
  lateRefusal(weight: number): FaultKind {
    return this.#fault('lateRefusal', weight, ({ leads, others: [follower, rebel] }, random) => {
      const { network } = this.#attacked
      if (rebel === undefined) return () => {}
      const mendFollower = network.partition([leads.name], [follower.name])
      const ends = [mendFollower, network.partition([leads.name], [rebel.name]), network.worsen({ duplication: 1, holdUpMs: REPEATS_MS })]
      const { at, end: endPlan } = this.#plan()
      /** Asked again and again, until no promise holds it back. */
      const campaign = (node: SimulatedNode, then: () => void) =>
        at(2, () => this.#ask(node, raft => (raft.campaign() === 'started' ? then() : campaign(node, then))))
      campaign(rebel, () =>
        at(random.between(1, 6), () => {
          const free = network.clog([rebel.name], [follower.name])
          ends.push(free)
          campaign(follower, () =>
            at(random.between(5, 10), () => {
              mendFollower()
              at(random.between(30, 60), () => {
                ends.push(network.cut([follower.name], [leads.name]))
                free()
                for (let ms = 0; ms < 40; ms += 4) at(ms, () => this.#proposeSome(rebel))
              })
            }),
          )
        }),
      )
      return () => {
        endPlan()
        for (const end of ends) end()
      }
    })
  }

  #proposeSome(node: SimulatedNode): void {
    for (let i = 0; i < 5; i++) this.#ask(node, raft => raft.propose([new Uint8Array(5)]))
  }

  /** What happens in the course of a fault, and not after its end. */
  #plan(): { at(ms: number, task: () => void): void; end(): void } {
    let isOver = false
    return {
      at: (ms, task) =>
        void this.#attacked.sim.schedule(ms * 1e6, () => {
          if (!isOver) task()
        }),
      end: () => {
        isOver = true
      },
    }
  }

  #fault(name: string, weight: number, begin: (victims: Victims, random: SeededRandom) => () => void): FaultKind {
    return {
      name,
      weight,
      durationMs: this.#durationMs,
      begin: random => {
        const victims = this.#victims(random)
        return victims && begin(victims, random)
      },
    }
  }

  #victims(random: SeededRandom): Victims | undefined {
    const { world } = this.#attacked
    const { leader } = world
    const leads = world.nodes.find(node => world.replicaOn(node) === leader)
    if (leader === undefined || leads?.state !== 'running') return undefined
    const { voters } = leader.confState
    const others = world.nodes.filter(node => node !== leads && node.state === 'running' && voters.includes(world.memberOn(node)))
    const first = others.length === 0 ? undefined : random.pick(others)
    return first && { leader, leads, others: [first, ...others.filter(node => node !== first)] }
  }

  /** Asks for something where the process runs. */
  #ask(node: SimulatedNode, what: (node: RawNode) => unknown): void {
    if (node.state === 'running') this.#attacked.world.replicaOn(node)?.ask(what)
  }
}
