import type { Unknown } from '../model.ts'
import type { Operation } from '../operation.ts'
import { type Gaps, gapsOf } from '../timeline.ts'
import type { RegisterInput, RegisterOutput, RegisterValue } from './register.ts'

/** A value of a register, with what wrote and read it. */
interface Cluster {
  /** -1 for the value that nobody wrote. */
  readonly write: number
  readonly written: number
  readonly reads: number[]
  /** The first gap by the end of which it must have been there, and the last one in which it must still have been there. */
  first: number
  last: number
}

/**
 * An order of reads and writes of a register, if no value was written twice and none compared: all that concerns one value is done together, so only
 * the stretches of time in which a register must have had a value are to be kept apart (Gibbons and Korach, "Testing Shared Memories", 1997, section 4.2).
 */
export function orderOfUniqueWrites(
  operations: readonly Operation<RegisterInput, RegisterOutput>[],
): readonly number[] | 'none' | undefined {
  const gaps = gapsOf(operations)
  const byValue = writesOf(operations, gaps)
  if (byValue === undefined) return undefined
  for (const [index, { input, output }] of operations.entries()) {
    if (input.kind !== 'read' || gaps.latest[index] === gaps.end) continue
    const cluster = byValue.get(output)
    if (cluster === undefined) return 'none'
    cluster.reads.push(index)
    cluster.first = Math.min(cluster.first, gaps.latest[index] as number)
    cluster.last = Math.max(cluster.last, gaps.earliest[index] as number)
    if (cluster.first < cluster.written) return 'none'
  }
  // A write that nobody saw return, or saw the value of, may be left out.
  const clusters = [...byValue.values()].filter(({ first }) => first < gaps.end)
  const places = placesOf(clusters)
  if (places === 'none') return 'none'
  clusters.sort((a, b) => (places.get(a) as number) - (places.get(b) as number) || Number(mustLast(a)) - Number(mustLast(b)))
  return clusters.flatMap(({ write, reads }) => {
    reads.sort((a, b) => (gaps.earliest[a] as number) - (gaps.earliest[b] as number))
    return write < 0 ? reads : [write, ...reads]
  })
}

/** The clusters by value, still without reads; `undefined` if there is a value twice, or more than reads and writes. */
function writesOf(
  operations: readonly Operation<RegisterInput, RegisterOutput>[],
  { earliest, latest }: Gaps,
): Map<RegisterOutput | Unknown, Cluster> | undefined {
  const initial: RegisterValue = null
  const byValue = new Map<RegisterOutput | Unknown, Cluster>([[initial, { write: -1, written: -1, reads: [], first: -1, last: -1 }]])
  for (const [write, { input }] of operations.entries()) {
    if (input.kind === 'read') continue
    if (input.kind === 'compareAndSet' || byValue.has(input.value)) return undefined
    const written = earliest[write] as number
    byValue.set(input.value, { write, written, reads: [], first: latest[write] as number, last: written })
  }
  return byValue
}

/** Whether a value must have been there for longer than one gap. */
function mustLast({ first, last }: Cluster): boolean {
  return first < last
}

/** The gap in which each cluster begins; `'none'` if two of them get into each other's way. */
function placesOf(clusters: readonly Cluster[]): ReadonlyMap<Cluster, number> | 'none' {
  const places = new Map<Cluster, number>()
  const lasting = clusters.filter(mustLast).sort((a, b) => a.first - b.first)
  for (const [index, cluster] of lasting.entries()) {
    if (cluster.first < (lasting[index - 1]?.last ?? -1)) return 'none'
    places.set(cluster, cluster.first)
  }
  let next = 0
  for (const cluster of clusters.filter(cluster => !mustLast(cluster)).sort((a, b) => a.last - b.last)) {
    while (next < lasting.length && (lasting[next] as Cluster).last <= cluster.last) next++
    // It may be anywhere from `last` to `first`, but not within one that lasts.
    const inTheWay = lasting[next]
    const place = inTheWay !== undefined && inTheWay.first < cluster.last ? inTheWay.last : cluster.last
    if (place > cluster.first) return 'none'
    places.set(cluster, place)
  }
  return places
}
