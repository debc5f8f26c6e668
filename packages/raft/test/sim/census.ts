import type { Simulation } from '@disruptorx/testkit'
import type { ConfState, MsgSnap } from '../../src/index.ts'
import type { Replica } from './replica.ts'

const TRAVELS_MS = 400

/** Counts what a run must have met to be worth something: each fact is a situation in which groups have been built wrong. */
export class Census {
  readonly #sim: Simulation
  readonly #isUp: (member: number) => boolean
  /** The highest entry whose change of the configuration was counted. */
  #changedAt = 0
  readonly #travelling: { readonly from: number; readonly to: number; readonly untilMs: number }[] = []

  constructor(sim: Simulation, isUp: (member: number) => boolean) {
    this.#sim = sim
    this.#isUp = isUp
  }

  /** A configuration is in force at a member; counted at the first one that has it. */
  changed(index: number, before: ConfState, now: ConfState): void {
    if (index <= this.#changedAt) return
    this.#changedAt = index
    const { facts } = this.#sim
    const voters = [...now.voters, ...now.votersOutgoing]
    facts.count('changes in force')
    if (now.votersOutgoing.length > 0) facts.count('joint configurations')
    facts.count('learners added', now.learners.filter(id => !before.learners.includes(id)).length)
    facts.count('learners promoted', now.voters.filter(id => before.learners.includes(id)).length)
    facts.count('voters demoted', [...now.learners, ...now.learnersNext].filter(id => before.voters.includes(id)).length)
    facts.count('voters removed', before.voters.filter(id => ![...voters, ...now.learners, ...now.learnersNext].includes(id)).length)
  }

  /** A snapshot goes out. */
  sendsSnapshot({ from, to }: MsgSnap): void {
    const { facts } = this.#sim
    facts.count('snapshots sent')
    if (!this.#isUp(to)) facts.count('snapshots to one that is down')
    if (this.#snapshotsOnTheirWay().length > 0) facts.count('snapshots beside another')
    this.#travelling.push({ from, to, untilMs: this.#nowMs + TRAVELS_MS })
  }

  installed(): void {
    this.#sim.facts.count('snapshots installed')
  }

  /** Members to whom a snapshot may be on its way. */
  get receivers(): readonly number[] {
    return this.#snapshotsOnTheirWay().map(({ to }) => to)
  }

  /** A member frees a part of its log. */
  compacts({ id }: Replica): void {
    this.#sim.facts.count('compactions')
    if (this.#snapshotsOnTheirWay().some(({ from }) => from === id)) this.#sim.facts.count('compactions beside a snapshot that travels')
  }

  transferred(): void {
    this.#sim.facts.count('transfers')
  }

  get #nowMs(): number {
    return this.#sim.nowNs / 1e6
  }

  #snapshotsOnTheirWay(): readonly { readonly from: number; readonly to: number }[] {
    while ((this.#travelling[0]?.untilMs ?? Number.POSITIVE_INFINITY) < this.#nowMs) this.#travelling.shift()
    return this.#travelling
  }
}
