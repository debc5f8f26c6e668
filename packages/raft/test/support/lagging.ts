import { Cluster } from './cluster.ts'

/** Member 3 lags behind what the others have kept of their logs. */
export function lagging(config = {}): Cluster {
  const cluster = new Cluster({ config })
  cluster.elect(1)
  cluster.partition([1, 2], [3])
  cluster.propose(1, 'a', 'b', 'c')
  for (const id of [1, 2]) cluster.member(id).compact()
  cluster.heal()
  return cluster
}
