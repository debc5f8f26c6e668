import type { ConfState } from '../../src/index.ts'

/*
 * What a quorum is, said once more and in another way than the code under test says it.
 */

/** Whether the members for which `has` is true are a majority of the voters; in a joint configuration, of both halves. */
export function isQuorum({ voters, votersOutgoing }: ConfState, has: (member: number) => boolean): boolean {
  const isMajority = (half: readonly number[]) => 2 * half.filter(has).length > half.length
  return isMajority(voters) && (votersOutgoing.length === 0 || isMajority(votersOutgoing))
}

/** Two sets of members without a common one, each a quorum of one of the configurations; `undefined` when any two quorums overlap. */
export function disjointQuorums(a: ConfState, b: ConfState): readonly [number[], number[]] | undefined {
  const all = [...new Set([...a.voters, ...a.votersOutgoing, ...b.voters, ...b.votersOutgoing])]
  for (let set = 0; set < 2 ** all.length; set++) {
    const isIn = (member: number) => ((set >> all.indexOf(member)) & 1) === 1
    if (isQuorum(a, isIn) && isQuorum(b, member => !isIn(member))) return [all.filter(isIn), all.filter(member => !isIn(member))]
  }
  return undefined
}
