import type { Operation } from './operation.ts'

/**
 * The calls and returns of a history in the order of time: the operation's number for a call, its complement `~number` for a return. At the same moment
 * calls come first: operations that may have overlapped are taken to have. What nobody saw return, does not.
 */
export function timelineOf(operations: readonly Operation<unknown, unknown>[]): Int32Array {
  const at: number[] = []
  const events: number[] = []
  for (const [number, { calledAt, returnedAt }] of operations.entries()) {
    at.push(calledAt)
    events.push(number)
    if (returnedAt === Infinity) continue
    at.push(returnedAt)
    events.push(~number)
  }
  const order = Array.from(events, (_, index) => index).sort((a, b) => {
    const [left, right] = [events[a] as number, events[b] as number]
    return (at[a] as number) - (at[b] as number) || Number(left < 0) - Number(right < 0) || a - b
  })
  return Int32Array.from(order, index => events[index] as number)
}

/** The place of each operation in the order of the returns; those that nobody saw return come last, in the order of their calls. */
export function returnRanks(timeline: Int32Array, count: number): Int32Array {
  const ranks = new Int32Array(count).fill(-1)
  let rank = 0
  for (const event of timeline) if (event < 0) ranks[~event] = rank++
  for (const event of timeline) if (event >= 0 && ranks[event] === -1) ranks[event] = rank++
  return ranks
}

/**
 * Between which events of the timeline operations can take effect: gap `g` is the one after event `g`, and `end` is no gap but comes after all of them.
 */
export interface Gaps {
  /** The first gap of each operation. */
  readonly earliest: Int32Array
  /** Its last one; `end` if nobody saw it return: then it may also never take effect. */
  readonly latest: Int32Array
  readonly end: number
}

/** The gaps in which each operation can take effect. */
export function gapsOf(operations: readonly Operation<unknown, unknown>[]): Gaps {
  const timeline = timelineOf(operations)
  const gaps = { earliest: new Int32Array(operations.length), latest: new Int32Array(operations.length), end: timeline.length }
  gaps.latest.fill(gaps.end)
  for (const [at, event] of timeline.entries()) {
    if (event >= 0) gaps.earliest[event] = at
    else gaps.latest[~event] = at - 1
  }
  return gaps
}
