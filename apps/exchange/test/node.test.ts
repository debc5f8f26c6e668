import exchange, { createMessage, MessageType, OrderFlow, type OrderMessage, summaryOf } from '@disruptorx/exchange'
import { temporaryDirectory } from '@disruptorx/testkit'
import { createNode, type Node } from 'disruptorx/cluster'
import { isDisruptorError } from 'disruptorx/contracts'
import { describe, expect, it } from 'vitest'

const BLANK = { id: 0, time: 0, line: 0, price: 0, size: 0, hashLow: 0, hashHigh: 0, side: 0 }
const NAMES = { 1: 'submit', 2: 'reduce', 3: 'cancel', 4: 'execute', 5: 'hidden', 7: 'halt' } as const

function makeClient(node: Node) {
  return node.client(exchange, { clientId: 5 })
}

type ExchangeClient = ReturnType<typeof makeClient>

/** Feeds messages of a flow up to line `last`, going on after what the log holds. */
async function feed(client: ExchangeClient, flow: OrderFlow, last: number): Promise<void> {
  const stream = await client.stream()
  const message: OrderMessage = createMessage()
  while (flow.count < last) {
    flow.next(message)
    const { type, ...values } = message
    const event = { ...BLANK, ...values, line: flow.count, hashLow: 1, hashHigh: 2 }
    while (!stream.tryPublish(NAMES[type], event)) await stream.ready()
  }
  stream.flush()
  await stream.whenApplied(stream.published)
}

describe('the exchange on a node with threads of its own', () => {
  it('applies a flow, answers, and goes on after a restart with the book it had', { timeout: 30_000 }, async () => {
    using dir = temporaryDirectory()
    const flow = new OrderFlow({ seed: 17, restingOrders: 500 })
    for (const last of [20_000, 30_000]) {
      await using node = await createNode({ dataDir: dir.path, apps: [exchange] })
      const client = makeClient(node)
      if (last > 20_000) expect(await client.query('source')).toEqual({ line: 20_000, hashLow: 1, hashHigh: 2 })
      await feed(client, flow, last)
      expect(await client.query('summary')).toEqual(summaryOf(flow.book))
      const top = await client.query('top', { levels: 3 })
      expect(top.bids).toHaveLength(3)
      expect(top.bids[0]?.price).toBe(flow.book.bestPrice(1))
    }
  })

  it('replies with outcomes, and refuses a question it cannot answer without any harm', { timeout: 30_000 }, async () => {
    using dir = temporaryDirectory()
    await using node = await createNode({ dataDir: dir.path, apps: [exchange] })
    const client = makeClient(node)
    const bid = { ...BLANK, id: 1, side: 1, price: 100, size: 10 }
    expect((await client.publish('submit', bid)).reply).toBe(0)
    expect((await client.publish('submit', bid)).reply).toBe(2)
    expect((await client.publish('cancel', { ...BLANK, id: 2 })).reply).toBe(1)
    const failure = await client.query('top', { levels: 0 }).catch((error: unknown) => error)
    expect(isDisruptorError(failure, 'DX_QUERY')).toBe(true)
    expect(await client.query('top', { levels: 1 })).toEqual({ bids: [{ price: 100, size: 10, orders: 1 }], asks: [] })
    expect(Object.values(MessageType).map(type => NAMES[type])).toEqual(Object.keys(exchange.events))
  })
})
