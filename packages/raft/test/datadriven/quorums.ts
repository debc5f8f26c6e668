import { type AckedIndexer, JointConfig, type VoteResult } from '@disruptorx/raft'
import { type Case, valuesOf } from './cases.ts'

const results: Readonly<Record<VoteResult, string>> = { pending: 'VotePending', lost: 'VoteLost', won: 'VoteWon' }

/** Answers questions on quorums: what is committed when voters have acknowledged so much, and what votes decide. */
export class Quorums {
  run({ command, args }: Case): string {
    const joint = valuesOf(args, 'cfgj').filter(value => value !== 'zero')
    const config = new JointConfig(valuesOf(args, 'cfg').map(Number), joint.map(Number))
    const inOrder = [...new Set([...valuesOf(args, 'cfg'), ...joint].map(Number))]
    const given = valuesOf(args, command === 'vote' ? 'votes' : 'idx')
    if (given.length !== inOrder.length) return `error: ${inOrder.length} voters and ${given.length} values`
    const values = new Map(inOrder.map((id, i) => [id, given[i] ?? '_'] as const).filter(([, value]) => value !== '_'))
    if (command === 'vote') {
      const votes = new Map([...values].map(([id, value]) => [id, value === 'y']))
      return `${results[config.voteResult(votes)]}`
    }
    const acked = new Map([...values].map(([id, value]) => [id, Number(value)]))
    const index = config.committedIndex({ ackedIndex: id => acked.get(id) })
    return `${drawn(config, { ackedIndex: id => acked.get(id) })}${index === Number.POSITIVE_INFINITY ? '∞' : index}`
  }
}

/** Who has acknowledged how much, with bars as long as the voters that have less are many. */
function drawn(config: JointConfig, acked: AckedIndexer): string {
  const ids = config.ids()
  if (ids.length === 0) return '<empty majority quorum>'
  const indexes = ids.map(id => acked.ackedIndex(id) ?? 0)
  const lines = ids.map((id, i) => {
    const index = indexes[i] ?? 0
    const bar = indexes.filter(other => other < index).length
    const head = acked.ackedIndex(id) === undefined ? '?' : `${'x'.repeat(bar)}>`
    return `${head.padEnd(ids.length + 1)} ${String(index).padStart(5)}    (id=${id.toString(16)})`
  })
  return [`${' '.repeat(ids.length)}    idx`, ...lines, ''].join('\n')
}
