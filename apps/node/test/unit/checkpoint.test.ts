import { createMessage, OrderFlow } from '@disruptorx/exchange'
import { describe, expect, it } from 'vitest'
import { decodeCheckpoint, encodeCheckpoint } from '../../src/live/checkpoint-file.ts'

const SEED = 9_007_199_254_740_991

function flowAfter(events: number): OrderFlow {
  const flow = new OrderFlow({ seed: SEED })
  const message = createMessage()
  while (flow.count < events) flow.next(message)
  return flow
}

function next(flow: OrderFlow): object {
  const message = createMessage()
  flow.next(message)
  return { ...message }
}

describe('a checkpoint of the generator', () => {
  it('goes on with exactly the messages that would have come', () => {
    const flow = flowAfter(5000)
    const checkpoint = decodeCheckpoint(encodeCheckpoint(flow, SEED), SEED)
    if (checkpoint.kind !== 'flow') throw new Error(checkpoint.reason)
    expect(checkpoint.flow.count).toBe(5000)
    for (let message = 0; message < 2000; message++) expect(next(checkpoint.flow)).toEqual(next(flow))
  })

  it('is unusable when any of its bytes differs, when it is cut, or of another seed', () => {
    const content = encodeCheckpoint(flowAfter(300), SEED)
    for (let at = 0; at < content.length; at += at < 40 ? 1 : 97) {
      const changed = Buffer.from(content)
      changed[at] = (changed[at] as number) ^ 0x10
      expect({ at, kind: decodeCheckpoint(changed, SEED).kind }).toEqual({ at, kind: 'unusable' })
    }
    for (const length of [0, 31, 32, content.length - 1]) expect(decodeCheckpoint(content.subarray(0, length), SEED).kind).toBe('unusable')
    expect(decodeCheckpoint(content, SEED - 1)).toEqual({ kind: 'unusable', reason: 'it is of another seed' })
  })
})
