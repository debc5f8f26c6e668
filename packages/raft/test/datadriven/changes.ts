import type { ConfChangeSingle, ConfChangeType } from '@disruptorx/raft'

const types: Readonly<Record<string, ConfChangeType>> = { v: 'add-node', l: 'add-learner-node', r: 'remove-node', u: 'update-node' }

/** Steps of a change: `v1` makes a voter, `l2` a learner, `r3` removes, `u4` updates. */
export function parseChanges(text: string): ConfChangeSingle[] {
  return text
    .split(/\s+/)
    .filter(word => word !== '')
    .map(word => {
      const type = types[word[0] ?? '']
      if (type === undefined) throw new Error(`unknown step ${word}`)
      return { type, nodeId: Number(word.slice(1)) }
    })
}
