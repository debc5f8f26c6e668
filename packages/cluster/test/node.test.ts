import { writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { type AnyApp, createNode, defineApp, type NodeOptions } from '@disruptorx/cluster'
import { isDisruptorError } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import counter from './counter.ts'

let directory: ReturnType<typeof temporaryDirectory>
let dataDir: string

beforeEach(() => {
  directory = temporaryDirectory()
  dataDir = `${directory.path}/data`
})
afterEach(() => directory[Symbol.dispose]())

const open = (options: Partial<NodeOptions> = {}) => createNode({ dataDir, apps: [counter], segmentBytes: 1024 ** 2, ...options })
const code = (error: unknown) => (isDisruptorError(error) ? error.code : error)
const rejection = (promise: Promise<unknown>) => promise.then(() => 'resolved', code)

describe.each(['workers', 'inline'] as const)('a node with threads: %s', threads => {
  it('answers an event with what apply returned, and goes on where it was after a restart', async () => {
    {
      await using node = await open({ threads })
      const client = node.client(counter, { clientId: 7 })
      expect(await client.resume()).toBe(0)
      expect(await client.publish('add', { amount: 5 })).toMatchObject({ number: 1, ordinal: 0, duplicate: false, reply: 5 })
      expect(await client.publish('add', { amount: -2 })).toMatchObject({ number: 2, reply: 3 })
      expect(await client.publish('add', { amount: 1 }, { ack: 'none' })).toEqual({ number: 3 })
    }
    await using node = await open({ threads })
    expect(node.status().recovered.snapshotIndex).toBeGreaterThan(0)
    const client = node.client(counter, { clientId: 7 })
    expect(await client.resume()).toBe(3)
    expect(await client.publish('add', { amount: 10 })).toMatchObject({ number: 4, reply: 14 })
    expect(await client.query('state')).toMatchObject({ sum: 14, events: 4 })
  })

  it('streams events in order and tells how far they are', async () => {
    await using node = await open({ threads })
    const stream = await node.client(counter).stream()
    for (let i = 0; i < 50_000; i++) while (!stream.tryPublish('add', { amount: 2 })) await stream.ready()
    await stream.whenDurable(50_000)
    await stream.whenApplied(50_000)
    expect([stream.published, stream.durable, stream.applied]).toEqual([50_000, 50_000, 50_000])
    expect(await node.client(counter).query('state')).toMatchObject({ sum: 100_000, events: 50_000 })
    const { sequences, latencyNs, appliedEvents } = node.status()
    expect(sequences).toEqual({ published: 50_000, durable: 50_000, applied: 50_000 })
    expect(appliedEvents).toBe(50_000)
    expect(latencyNs.durable.p50).toBeGreaterThan(0)
    expect(latencyNs.applied.p50).toBeGreaterThan(0)
  })
})

describe('a session', () => {
  it('applies an event once that is published twice with one number, and gives it its old reply', async () => {
    await using node = await open()
    const client = node.client(counter, { clientId: 9 })
    const first = await client.publish('add', { amount: 5 }, { number: 1 })
    expect(await client.publish('add', { amount: 5 }, { number: 1 })).toEqual({ ...first, duplicate: true })
    expect(await client.query('state')).toMatchObject({ sum: 5, events: 1 })
  })

  it('keeps replies over a restart, and says when there is none', async () => {
    {
      await using node = await open()
      const client = node.client(counter, { clientId: 9 })
      for (let i = 0; i < 3; i++) await client.publish('add', { amount: 1 }, { ack: i === 0 ? 'none' : 'quorum' })
    }
    await using node = await open()
    const client = node.client(counter, { clientId: 9 })
    expect(await client.publish('add', { amount: 1 }, { number: 2 })).toMatchObject({ duplicate: true, reply: 2 })
    expect(await client.publish('add', { amount: 1 }, { number: 1 })).toMatchObject({ duplicate: true, reply: undefined, index: 0 })
  })

  it('goes on under the same id in the same node, without losing what is still under way', async () => {
    await using node = await open()
    for (let round = 1; round <= 5; round++) {
      const client = node.client(counter, { clientId: 9 })
      expect(() => node.client(counter, { clientId: 9 })).toThrow('clientId')
      const stream = await client.stream()
      for (let i = 0; i < 3000; i++) while (!stream.tryPublish('add', { amount: 1 })) await stream.ready()
      await client.close()
    }
    const client = node.client(counter, { clientId: 9 })
    expect(await client.resume()).toBe(15_000)
    expect(await client.query('state')).toMatchObject({ sum: 15_000 })
  })

  it('that was forgotten is told so, also when it streams', async () => {
    await using node = await open()
    const stream = await node.client(counter, { clientId: 9 }).stream()
    stream.tryPublish('add', { amount: 1000 })
    await stream.whenApplied(1)
    await Promise.all(
      Array.from({ length: 10_000 }, async () => {
        await using client = node.client(counter)
        await client.publish('add', { amount: 1 })
      }),
    )
    for (let i = 0; i < 10; i++) stream.tryPublish('add', { amount: 1000 })
    expect(await rejection(stream.whenApplied(11))).toBe('DX_SESSION_EXPIRED')
    expect(stream.applied).toBe(1)
    expect(() => stream.tryPublish('add', { amount: 1000 })).toThrow('expired')
    expect(await node.client(counter).query('state')).toMatchObject({ sum: 11_000 })
  })

  it('refuses an event whose predecessor is missing, and one of a session that nobody knows', async () => {
    await using node = await open()
    const client = node.client(counter, { clientId: 9 })
    expect(await rejection(client.publish('add', { amount: 1 }, { number: 2 }))).toBe('DX_SESSION_EXPIRED')
    await client.publish('add', { amount: 1 }, { number: 1 })
    expect(await rejection(client.publish('add', { amount: 1 }, { number: 3 }))).toBe('DX_SESSION_GAP')
    expect(await client.query('state')).toMatchObject({ sum: 1, events: 1 })
  })
})

describe('a bad call', () => {
  it('gets a clear error and changes nothing', async () => {
    await using node = await open()
    const client = node.client(counter)
    expect(await rejection(client.publish('add', { amount: 2 ** 31 }))).toBe('DX_FIELD')
    expect(await rejection(client.publish('unknown' as 'add', { amount: 1 }))).toBe('DX_OPTION')
    expect(await rejection(client.publish('add', { amount: 1 }, { ack: 'most' as 'all' }))).toBe('DX_OPTION')
    expect(await rejection(client.publish('add', { amount: 1 }, { number: 0 }))).toBe('DX_OPTION')
    for (const timeoutMs of [-1, Number.NaN]) {
      expect(await rejection(client.publish('add', { amount: 1 }, { timeoutMs }))).toBe('DX_OPTION')
      expect(await rejection(client.query('state', undefined, { timeoutMs }))).toBe('DX_OPTION')
      for (const closeable of [client, node]) expect(() => closeable.close({ timeoutMs })).toThrow('option timeoutMs is')
    }
    expect(await rejection(client.query('wrong'))).toBe('DX_QUERY')
    expect(await rejection(client.query('none' as 'wrong'))).toBe('DX_QUERY')
    expect(await rejection(client.query('big', 300_000))).toBe('DX_QUERY')
    expect(((await client.query('big', 1000)) as Uint8Array).length).toBe(1000)
    expect(await client.query('state')).toMatchObject({ events: 0 })
  })

  it('is told which option is wrong before anything is made', async () => {
    for (const wrong of [
      { apps: [] },
      { dataDir: '' },
      { segmentBytes: 1000 },
      { durability: 'some' as 'none' },
      { ringCapacity: 32 },
      { maxJournalBytes: 1 },
    ])
      expect(await rejection(open(wrong))).toBe('DX_OPTION')
    expect(await rejection(open({ signal: AbortSignal.abort() }))).toBe('DX_ABORTED')
  })

  it('cannot wait longer than its limit: then its outcome is unknown, and its number tells it later', async () => {
    await using node = await open()
    const client = node.client(counter, { clientId: 3 })
    const sleeping = client.publish('sleep', { ms: 300 })
    expect(await rejection(client.publish('add', { amount: 4 }, { timeoutMs: 20 }))).toBe('DX_OUTCOME_UNKNOWN')
    expect(await rejection(client.publish('add', { amount: 4 }, { signal: AbortSignal.timeout(20) }))).toBe('DX_OUTCOME_UNKNOWN')
    await sleeping
    expect(await client.publish('add', { amount: 4 }, { number: 2 })).toMatchObject({ duplicate: true, reply: 4 })
    expect(await client.query('state')).toMatchObject({ events: 2 })
  })
})

describe('the threads of a node', () => {
  it('are two of its own', async () => {
    await using node = await open()
    const { journal, handler } = node.status().threadIds
    expect(new Set([threadId, journal, handler]).size).toBe(3)
  })

  it('let durability advance while a handler is blocked for 5 s', async () => {
    await using node = await open({ ringCapacity: 1024 })
    const client = node.client(counter)
    const stream = await client.stream()
    stream.tryPublish('sleep', { ms: 5000 })
    await stream.whenDurable(1)
    for (let i = 0; i < 300_000; i++) while (!stream.tryPublish('add', { amount: 1 })) await stream.ready()
    await stream.whenDurable(300_001)
    expect(stream.applied).toBe(0)
    await stream.whenApplied(300_001)
    expect(await client.query('state')).toMatchObject({ sum: 300_000 })
  })

  it('let durability advance while the user thread is blocked for 5 s', async () => {
    await using node = await open()
    const stream = await node.client(counter).stream()
    for (let i = 0; i < 10_000; i++) expect(stream.tryPublish('add', { amount: 1 })).toBe(true)
    stream.flush()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000)
    expect([stream.durable, stream.applied]).toEqual([10_000, 10_000])
  })
})

describe('a node that fails', () => {
  it('halts when apply throws, tells everybody, and halts there again', async () => {
    const node = await open()
    const client = node.client(counter, { clientId: 1 })
    await client.publish('add', { amount: 1 })
    const waiting = client.publish('fail', { code: 3 })
    expect(await rejection(waiting)).toBe('DX_OUTCOME_UNKNOWN')
    expect(await rejection(node.failed)).toBe('DX_APP_HALTED')
    expect(await rejection(client.publish('add', { amount: 1 }))).toBe('DX_APP_HALTED')
    expect(node.status().stopped).toContain('asked to fail with 3')
    await node.close()
    expect(await rejection(open())).toBe('DX_APP_HALTED')
  })

  it('refuses a directory that a living node has', async () => {
    await using node = await open()
    expect(await rejection(open())).toBe('DX_DIRECTORY_IN_USE')
    expect(await node.client(counter).publish('add', { amount: 1 })).toMatchObject({ reply: 1 })
  })

  it('refuses an application that is none, or whose module cannot be loaded', async () => {
    const broken = `${directory.path}/broken.mjs`
    writeFileSync(broken, 'throw new Error("no luck")')
    const app = { ...counter, url: `file://${broken}` }
    const error = await open({ apps: [app] }).catch(e => e)
    expect(code(error)).toBe('DX_APP')
    expect(error.message).toContain('no luck')
    writeFileSync(broken, 'export default 3')
    expect(await rejection(open({ apps: [app] }))).toBe('DX_APP')
  })

  it('refuses data of a newer version of the application, and of other layouts under the same version', async () => {
    const inline = (app: AnyApp) => open({ apps: [app], threads: 'inline' })
    await (await inline({ ...counter, version: 2 })).close()
    expect(await rejection(inline(counter))).toBe('DX_APP_MISMATCH')
    const add = { type: 1, layout: struct({ amount: 'i32', note: 'u8' }) }
    expect(await rejection(inline({ ...counter, version: 2, events: { ...counter.events, add } }))).toBe('DX_APP_MISMATCH')
    await (await inline({ ...counter, version: 3, events: { ...counter.events, add } })).close()
    expect(await rejection(inline({ ...counter, version: 2 }))).toBe('DX_APP_MISMATCH')
  })

  it('answers nothing after it was closed', async () => {
    const node = await open()
    const client = node.client(counter)
    await client.publish('add', { amount: 1 })
    await node.close()
    await node.close()
    for (const call of [client.publish('add', { amount: 1 }), client.query('state'), client.resume(), client.stream(), node.snapshot()])
      expect(await rejection(call)).toBe('DX_CLOSED')
  })
})

describe('closing', () => {
  it('lets every reply come that somebody waits for', async () => {
    const node = await open()
    const client = node.client(counter)
    await client.publish('add', { amount: 1 })
    const outcomes = Promise.allSettled(Array.from({ length: 10_000 }, () => client.publish('add', { amount: 1 })))
    // Microtasks alone, then a blocked thread: all is applied, and none of the replies is taken out of its ring yet.
    while (node.status().sequences.published < 10_001) await Promise.resolve()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    expect(node.status().sequences.applied).toBe(10_001)
    await node.close({ snapshot: false })
    expect((await outcomes).filter(({ status }) => status === 'rejected')).toEqual([])
  })
})

describe('snapshots', () => {
  it('free a journal that is full, though only the newest covers it', async () => {
    // No snapshot comes by itself: the first is taken when the journal is full, and there is no older one to free anything.
    await using node = await open({ snapshotEveryBytes: 64 * 1024 ** 2, maxJournalBytes: 4 * 1024 ** 2, durability: 'none' })
    const stream = await node.client(counter).stream()
    for (let i = 0; i < 600_000; i++) while (!stream.tryPublish('add', { amount: 1 })) await stream.ready({ timeoutMs: 20_000 })
    await stream.whenApplied(600_000, { timeoutMs: 20_000 })
    expect(node.status().log.firstIndex).toBeGreaterThan(1)
  })

  it('keep the journal bounded however long the node runs', async () => {
    await using node = await open({ snapshotEveryBytes: 2 * 1024 ** 2, maxJournalBytes: 12 * 1024 ** 2 })
    const stream = await node.client(counter).stream()
    let most = 0
    for (let i = 0; i < 1_000_000; i++) {
      while (!stream.tryPublish('add', { amount: 1 })) await stream.ready()
      if (i % 10_000 === 0) most = Math.max(most, node.status().journalBytes)
    }
    await stream.whenApplied(1_000_000)
    const { log } = node.status()
    expect(log.firstIndex).toBeGreaterThan(1)
    expect(log.snapshotIndex).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(14 * 1024 ** 2)
  })

  it('are taken on request, and spare the next start their events', async () => {
    const node = await open()
    const client = node.client(counter, { clientId: 1 })
    await client.publish('add', { amount: 1 })
    const { index } = await node.snapshot()
    expect(index).toBe(node.status().log.appliedIndex)
    await client.publish('add', { amount: 1 })
    await node.close({ snapshot: false })
    await using again = await open()
    expect(again.status().recovered.snapshotIndex).toBe(index)
    expect(await again.client(counter, { clientId: 1 }).query('state')).toMatchObject({ sum: 2 })
  })
})

describe('defineApp', () => {
  const minimal = { url: import.meta.url, name: 'minimal', version: 1, state: () => 0, snapshot: { write: () => undefined, read: () => 0 } }
  const event = { type: 1, layout: struct({ n: 'u8' }) }

  it('refuses what cannot run', () => {
    const apply = { one: () => 0 }
    expect(defineApp({ ...minimal, events: { one: event }, apply }).name).toBe('minimal')
    expect(() => defineApp({ ...minimal, events: {}, apply: {} })).toThrow('it has no events')
    expect(() => defineApp({ ...minimal, events: { one: event }, apply: {} as typeof apply })).toThrow('event one has no apply.one')
    expect(() => defineApp({ ...minimal, events: { one: event, two: event }, apply: { one: () => 0, two: () => 0 } })).toThrow(
      'same type number 1',
    )
    expect(() => defineApp({ ...minimal, events: { one: event }, apply: { ...apply, two: () => 0 } as typeof apply })).toThrow(
      'apply.two is of no event',
    )
    expect(() => defineApp({ ...minimal, events: { one: { ...event, type: 0 } }, apply })).toThrow('from 1 to 65535')
    expect(() => defineApp({ ...minimal, name: 'x'.repeat(65), events: { one: event }, apply })).toThrow('more than 64')
    expect(() => defineApp({ ...minimal, version: 0, events: { one: event }, apply })).toThrow('option app.version')
  })
})
