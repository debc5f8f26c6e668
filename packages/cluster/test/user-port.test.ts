import { errorToData } from '@disruptorx/contracts/internal'
import { temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UserPort } from '../src/client/user-port.ts'
import { createNode } from '../src/node/create-node.ts'
import { Progress } from '../src/partition/progress.ts'
import { createRings, egressHeader, egressKind } from '../src/partition/rings.ts'
import counter from './counter.ts'

afterEach(() => vi.restoreAllMocks())

const reason = (promise: Promise<unknown>) => promise.then(() => 'resolved', String)

describe("the user's side of a partition", () => {
  it('says once that an answer is none, and ends everything that waits with it', async () => {
    const rings = createRings(counter, 64)
    const faults: unknown[] = []
    const port = new UserPort(rings, Progress.create(), { schedule: () => () => undefined }, thrown => {
      faults.push(thrown)
      port.end(thrown as never)
    })
    const waiting = reason(port.until('nothing', () => false))
    const asking = reason(port.query('state', undefined))
    const replies = rings.egress.producer()
    const offset = replies.tryClaim(egressHeader.size + 1)
    egressHeader.view(rings.egress.memory).moveTo(offset).set({ client: 0, number: 1, index: 0, ordinal: 0, kind: egressKind.answer })
    rings.egress.bytes[offset + egressHeader.size] = 0xc1 // what msgpack never uses
    replies.publish()
    rings.parkingLot.unparkAll()
    expect(await waiting).toBe(await asking)
    expect(faults.map(String)).toEqual([await waiting])
    expect(() => port.look()).toThrow(faults[0] as Error)
    expect(await reason(port.until('more', () => true))).toBe(await waiting)
  })

  it.each(['step', 'look'] as const)('that fails in %s fails the node, which can be closed and opened again', async method => {
    using directory = temporaryDirectory()
    const options = { dataDir: `${directory.path}/data`, apps: [counter], threads: 'inline', segmentBytes: 1024 ** 2 } as const
    const node = await createNode(options)
    const client = node.client(counter)
    const stream = await client.stream()
    vi.spyOn(UserPort.prototype, 'step').mockImplementationOnce(() => {
      throw new Error('planted')
    })
    if (method === 'step') expect(await reason(client.query('state'))).toContain('planted')
    else expect(() => stream.applied).toThrow('planted')
    expect(await node.failed.catch(errorToData)).toMatchObject({ code: 'DX_UNEXPECTED', message: 'planted' })
    expect(node.status().stopped).toBe('planted')
    await node.close()
    await using again = await createNode(options)
    expect(await again.client(counter).publish('add', { amount: 1 })).toMatchObject({ reply: 1 })
  })
})
