import {
  type ConfChange,
  ConfChangeError,
  type ConfChangeSingle,
  type Configuration,
  changeConfiguration,
  changeSimply,
  confStateOf,
  decodeConfChange,
  describeConfiguration,
  EMPTY_CONF_STATE,
  encodeConfChange,
  enterJoint,
  LEAVE_JOINT,
  leaveJoint,
  restoreConfiguration,
} from '@disruptorx/raft'
import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { confState } from './support/cluster.ts'
import { majoritiesOf, subsetsOf } from './support/sets.ts'

const types = ['add-node', 'remove-node', 'update-node', 'add-learner-node'] as const

function someChanges(random: SeededRandom, most: number): ConfChangeSingle[] {
  return Array.from({ length: random.below(most + 1) }, () => ({ type: random.pick(types), nodeId: random.below(7) }))
}

/** Sets of voters that can decide by themselves. */
function quorumsOf({ voters }: Configuration): number[][] {
  const incoming = majoritiesOf(voters.incoming.ids)
  const outgoing = voters.isJoint ? majoritiesOf(voters.outgoing.ids) : [[]]
  return subsetsOf(voters.ids()).filter(
    set =>
      incoming.some(majority => majority.every(id => set.includes(id))) &&
      outgoing.some(majority => majority.every(id => set.includes(id))),
  )
}

function overlap(a: Configuration, b: Configuration): boolean {
  const ofB = quorumsOf(b)
  return quorumsOf(a).every(one => ofB.every(other => one.some(id => other.includes(id))))
}

/** A configuration that any number of changes may have led to. */
function someConfiguration(random: SeededRandom, changes: number): Configuration {
  let configuration = restoreConfiguration(confState([1, 2, 3]))
  for (let i = 0; i < changes; i++) configuration = changed(configuration, someChange(random)) ?? configuration
  return configuration
}

function someChange(random: SeededRandom): ConfChange {
  const transition = random.pick(['auto', 'joint-implicit', 'joint-explicit'] as const)
  return { transition, changes: someChanges(random, 3), context: new Uint8Array(random.below(3)) }
}

function changed(configuration: Configuration, change: ConfChange): Configuration | undefined {
  try {
    return changeConfiguration(configuration, change)
  } catch (error) {
    if (!(error instanceof ConfChangeError)) throw error
    return undefined
  }
}

describe('a change of the configuration', () => {
  it('leads from any configuration to one whose every quorum shares a member with every quorum before', () =>
    withSeed(
      'overlap',
      random => {
        const before = someConfiguration(random, random.below(4))
        const after = changed(before, someChange(random))
        if (after !== undefined)
          expect(overlap(before, after), `${describeConfiguration(before)} -> ${describeConfiguration(after)}`).toBe(true)
      },
      { count: 1_500 },
    ))

  it('never makes a member voter and learner at once, and forgets nobody who still votes', () =>
    withSeed(
      'roles',
      random => {
        const { voters, learners, learnersNext, autoLeave } = someConfiguration(random, 12)
        expect(learners.some(id => voters.has(id))).toBe(false)
        expect(learnersNext.every(id => voters.outgoing.has(id) && !voters.incoming.has(id))).toBe(true)
        expect(voters.incoming.ids.length).toBeGreaterThan(0)
        if (!voters.isJoint) expect([learnersNext.length, autoLeave]).toEqual([0, false])
      },
      { count: 300 },
    ))

  it('leaves what it was given as it was', () => {
    const before = restoreConfiguration(confState([1, 2, 3], [4]))
    const text = describeConfiguration(before)
    enterJoint(
      before,
      [
        { type: 'remove-node', nodeId: 1 },
        { type: 'add-node', nodeId: 4 },
      ],
      true,
    )
    expect(describeConfiguration(before)).toBe(text)
  })

  it('of one step is simple, of more is joint and left by itself, and is what was asked for otherwise', () => {
    const before = restoreConfiguration(confState([1, 2, 3]))
    const add = (nodeId: number) => ({ type: 'add-node' as const, nodeId })
    const made = (transition: ConfChange['transition'], ...changes: ConfChangeSingle[]) =>
      describeConfiguration(changeConfiguration(before, { transition, changes, context: new Uint8Array(0) }))
    expect(made('auto', add(4))).toBe('voters=(1 2 3 4)')
    expect(made('auto', add(4), add(5))).toBe('voters=(1 2 3 4 5)&&(1 2 3) autoleave')
    expect(made('joint-implicit', add(4))).toBe('voters=(1 2 3 4)&&(1 2 3) autoleave')
    expect(made('joint-explicit', add(4))).toBe('voters=(1 2 3 4)&&(1 2 3)')
    expect(made('joint-explicit')).toBe('voters=(1 2 3)&&(1 2 3)')
  })

  it('promotes a learner, and lets a voter that becomes a learner vote until the joint configuration is left', () => {
    const before = restoreConfiguration(confState([1, 2, 3], [4]))
    const joint = enterJoint(
      before,
      [
        { type: 'add-node', nodeId: 4 },
        { type: 'add-learner-node', nodeId: 1 },
      ],
      false,
    )
    expect(describeConfiguration(joint)).toBe('voters=(2 3 4)&&(1 2 3) learners_next=(1)')
    expect(describeConfiguration(leaveJoint(joint))).toBe('voters=(2 3 4) learners=(1)')
  })

  it.each<[string, readonly ConfChangeSingle[], string]>([
    ['for member 0 does nothing', [{ type: 'add-node', nodeId: 0 }], 'voters=(1 2 3)&&(1 2 3) learners=(4)'],
    [
      'takes back an earlier one, of a voter that was to wait as a learner',
      [
        { type: 'add-learner-node', nodeId: 3 },
        { type: 'add-node', nodeId: 3 },
        { type: 'add-learner-node', nodeId: 2 },
        { type: 'remove-node', nodeId: 2 },
      ],
      'voters=(1 3)&&(1 2 3) learners=(4)',
    ],
  ])('has steps of which one %s', (_what, steps, expected) => {
    expect(describeConfiguration(enterJoint(restoreConfiguration(confState([1, 2, 3], [4])), steps, false))).toBe(expected)
  })

  it.each([
    ['already-joint', () => enterJoint(enterJoint(restoreConfiguration(confState([1])), [], true), [], true)],
    ['not-joint', () => changeConfiguration(restoreConfiguration(confState([1])), LEAVE_JOINT)],
    ['no-voters', () => enterJoint(restoreConfiguration(EMPTY_CONF_STATE), [], true)],
    ['removes-all-voters', () => changeSimply(restoreConfiguration(confState([1])), [{ type: 'remove-node', nodeId: 1 }])],
    ['joint-only', () => changeSimply(enterJoint(restoreConfiguration(confState([1])), [], true), [])],
    [
      'more-than-one-voter',
      () =>
        changeSimply(restoreConfiguration(confState([1, 2, 3])), [
          { type: 'remove-node', nodeId: 1 },
          { type: 'add-node', nodeId: 4 },
        ]),
    ],
    ['inconsistent', () => restoreConfiguration(confState([1, 2], [2]))],
  ] as const)('is refused as %s', (fault, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE', fault }))
  })
})

describe('a stored configuration', () => {
  it('comes back as it was', () =>
    withSeed(
      'stored',
      random => {
        const configuration = someConfiguration(random, 6)
        expect(restoreConfiguration(confStateOf(configuration))).toEqual(configuration)
      },
      { count: 200 },
    ))

  it.each([
    { ...confState([1, 2], [3]), learnersNext: [3] },
    { ...confState([1, 2]), autoLeave: true },
    { ...confState([]), votersOutgoing: [1] },
    { ...confState([1, 2]), votersOutgoing: [1, 2], learnersNext: [1] },
    { ...confState([1, 2]), votersOutgoing: [1, 2], learnersNext: [3] },
    { ...confState([1, 2], [3]), votersOutgoing: [1, 3] },
  ])('is refused when it cannot be: %j', state => {
    expect(() => restoreConfiguration(state)).toThrow('two roles that exclude each other')
  })

  it('is ascending and has each member once, however it was written', () => {
    const state = { voters: [2, 1, 1], learners: [9, 8, 9], votersOutgoing: [5, 4, 5], learnersNext: [5, 4, 4], autoLeave: true }
    expect(confStateOf(restoreConfiguration(state))).toEqual({
      ...{ voters: [1, 2], learners: [8, 9], votersOutgoing: [4, 5], learnersNext: [4, 5], autoLeave: true },
    })
  })

  it('is a copy, which nobody changes by changing it', () => {
    const configuration = restoreConfiguration({ ...confState([1, 2], [3]), votersOutgoing: [4], learnersNext: [4], autoLeave: true })
    const before = describeConfiguration(configuration)
    const { voters, learners, votersOutgoing, learnersNext } = confStateOf(configuration)
    for (const list of [voters, learners, votersOutgoing, learnersNext] as number[][]) list.length = 0
    expect(describeConfiguration(configuration)).toBe(before)
  })
})

describe('the bytes of a change', () => {
  it('say what was written', () =>
    withSeed(
      'bytes',
      random => {
        const change = { ...someChange(random), context: new Uint8Array([random.below(256), 7]) }
        expect(decodeConfChange(encodeConfChange(change))).toEqual(change)
      },
      { count: 200 },
    ))

  it('are none for the change that leaves a joint configuration', () => {
    expect(encodeConfChange(LEAVE_JOINT)).toHaveLength(0)
    expect(decodeConfChange(new Uint8Array(0))).toEqual(LEAVE_JOINT)
  })

  it('carry members with an incarnation, beyond 32 bits', () => {
    const change: ConfChange = { transition: 'auto', changes: [{ type: 'add-node', nodeId: 2 ** 52 + 3 }], context: new Uint8Array(0) }
    expect(decodeConfChange(encodeConfChange(change))).toEqual(change)
  })

  it('are refused when they are cut short, and never read past their end', () => {
    const whole = encodeConfChange({
      transition: 'auto',
      changes: [
        { type: 'add-node', nodeId: 3 },
        { type: 'add-node', nodeId: 4 },
      ],
      context: new Uint8Array(0),
    })
    for (let length = 1; length < whole.length; length++)
      expect(() => decodeConfChange(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE_BYTES' }))
  })

  it('give a change or are refused, whatever they are', () =>
    withSeed(
      'hostile',
      random => {
        const hostile = new Uint8Array(random.below(40)).map(() => random.below(random.pick([3, 256])))
        try {
          const { changes } = decodeConfChange(hostile)
          expect(changes.every(({ nodeId }) => Number.isSafeInteger(nodeId) && nodeId >= 0)).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'DX_RAFT_CONF_CHANGE_BYTES' })
        }
      },
      { count: 1_000 },
    ))

  it('are refused of more steps than a change may have', () => {
    const changes = Array.from({ length: 1_001 }, (_, i) => ({ type: 'add-node' as const, nodeId: i + 1 }))
    expect(() => encodeConfChange({ transition: 'auto', changes, context: new Uint8Array(0) })).toThrow('changes.length is 1001')
    expect(
      decodeConfChange(encodeConfChange({ transition: 'auto', changes: changes.slice(1), context: new Uint8Array(0) })).changes,
    ).toHaveLength(1_000)
  })

  it.each([
    { ...LEAVE_JOINT, transition: 'jointly' },
    { ...LEAVE_JOINT, context: 'text' },
    { ...LEAVE_JOINT, context: undefined },
    { ...LEAVE_JOINT, changes: undefined },
    { ...LEAVE_JOINT, changes: [{ type: 'add', nodeId: 1 }] },
    { ...LEAVE_JOINT, changes: [{ type: 'add-node', nodeId: 0.5 }] },
    undefined,
  ])('are refused of what is no change: %j', change => {
    const refused = expect.objectContaining({ code: expect.stringMatching(/^DX_(OPTION|RAFT_CONF_CHANGE_BYTES)$/) })
    expect(() => encodeConfChange(change as unknown as ConfChange)).toThrow(refused)
  })
})
