import { existsSync, renameSync } from 'node:fs'
import { type AnyApp, createNode, type NodeOptions } from '@disruptorx/cluster'
import { isDisruptorError } from '@disruptorx/contracts'
import { temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import rogue, { fault } from './rogue.ts'

let directory: ReturnType<typeof temporaryDirectory>
let dataDir: string

beforeEach(() => {
  directory = temporaryDirectory()
  dataDir = `${directory.path}/data`
})
afterEach(() => directory[Symbol.dispose]())

const open = (options: Partial<NodeOptions> = {}) => createNode({ dataDir, apps: [rogue], segmentBytes: 1024 ** 2, ...options })
const started = (query: string): Partial<NodeOptions> => ({ apps: [{ ...rogue, url: `${rogue.url}?${query}` } as AnyApp] })
const code = (error: unknown) => (isDisruptorError(error) ? error.code : error)
const rejection = (promise: Promise<unknown>) => promise.then(() => 'resolved', code)
const reason = (promise: Promise<unknown>) => promise.then(() => 'resolved', String)

/** Opens the directory with an application that does nothing: it is free, and whole. */
async function reopens(): Promise<void> {
  const nothing = () => undefined
  await using node = await open({ apps: [{ ...rogue, apply: { now: nothing, armWrite: nothing, armRead: nothing } }], threads: 'inline' })
  expect(await node.client(rogue).publish('now', { fault: 0 })).toMatchObject({ duplicate: false })
}

describe('opening a node', { timeout: 60_000 }, () => {
  it('is ended by its signal while the journal recovers: no handler is started then', async () => {
    await (await open()).close()
    const controller = new AbortController()
    const marker = `${directory.path}/marker`
    const opening = open({ ...started(`marker=${encodeURIComponent(marker)}`), signal: controller.signal })
    const why = new Error('changed my mind')
    controller.abort(why)
    await expect(opening).rejects.toMatchObject({ code: 'DX_ABORTED', cause: why })
    expect(existsSync(marker)).toBe(false)
    await reopens()
  })

  it('is ended by its signal at any moment, and leaves the directory free', async () => {
    for (const delayMs of [0, 5, 20, 80, 200]) {
      const controller = new AbortController()
      const opening = open({ signal: controller.signal })
      setTimeout(() => controller.abort(), delayMs)
      const outcome = await opening.then(node => node.close(), code)
      expect([undefined, 'DX_ABORTED']).toContain(outcome)
    }
    await reopens()
  })

  it('is ended by its signal while the application never comes to an end of its own opening', async () => {
    await using _ = { [Symbol.asyncDispose]: reopens }
    const controller = new AbortController()
    const opening = open({ ...started(`state=hangs&marker=${encodeURIComponent(`${directory.path}/marker`)}`), signal: controller.signal })
    while (!existsSync(`${directory.path}/marker`)) await new Promise(resolve => setTimeout(resolve, 5))
    controller.abort()
    expect(await rejection(opening)).toBe('DX_ABORTED')
  })

  it('is ended by its signal on one event loop, too', async () => {
    const controller = new AbortController()
    const opening = open({ threads: 'inline', signal: controller.signal })
    controller.abort()
    expect(await rejection(opening)).toBe('DX_ABORTED')
    await reopens()
  })

  it('heeds a signal no more once it is open', async () => {
    const controller = new AbortController()
    await using node = await open({ signal: controller.signal })
    controller.abort()
    expect(await node.client(rogue).publish('now', { fault: 0 })).toMatchObject({ number: 1 })
  })

  it.each(['workers', 'inline'] as const)('says what the application threw, whatever that is, with threads: %s', async threads => {
    const app = threads === 'workers' ? started('state=throws') : { apps: [{ ...rogue, state: () => faulty() } as AnyApp] }
    expect(await reason(open({ ...app, threads }))).toContain('application rogue: state threw: something that cannot be shown')
    const node = await open({ threads })
    await node.client(rogue).publish('armRead', { fault: fault.throws })
    await node.close()
    expect(await reason(open({ threads }))).toContain('application rogue: snapshot.read threw: something that cannot be shown')
  })

  it('ends with the thread that it needs', async () => {
    const node = await open()
    await node.client(rogue).publish('armRead', { fault: fault.exits })
    await node.close()
    expect(await rejection(open())).toBe('DX_THREAD_DIED')
  })
})

function faulty(): never {
  throw Object.create(null)
}

describe('a failing node', { timeout: 60_000 }, () => {
  it('ends its handler wherever it is when it is closed, and releases the directory', async () => {
    const node = await open()
    const client = node.client(rogue)
    const stream = await client.stream()
    stream.tryPublish('now', { fault: fault.hangs })
    await stream.whenDurable(1)
    // The next file that the journal begins has no directory to lie in.
    renameSync(`${dataDir}/journal`, `${dataDir}/elsewhere`)
    const publishing = (async () => {
      for (;;) while (!stream.tryPublish('now', { fault: 0 })) await stream.ready()
    })()
    expect(await rejection(publishing)).toBe('DX_JOURNAL_STOPPED')
    expect(await rejection(node.failed)).toBe('DX_JOURNAL_STOPPED')
    await node.close()
    renameSync(`${dataDir}/elsewhere`, `${dataDir}/journal`)
    await reopens()
  })

  it.each(['unprintable', 'numbered'] as const)('is none for a query that throws what is %s', async name => {
    await using node = await open()
    const client = node.client(rogue)
    expect(await rejection(client.query(name))).toBe('DX_QUERY')
    expect(await client.publish('now', { fault: 0 })).toMatchObject({ number: 1 })
  })

  it('says what apply threw, whatever that is', async () => {
    await using node = await open()
    expect(await rejection(node.client(rogue).publish('now', { fault: fault.throws }))).toBe('DX_OUTCOME_UNKNOWN')
    expect(await reason(node.failed)).toContain('something that cannot be shown; the partition halted there')
  })

  it.each(['workers', 'inline'] as const)('says what the first snapshot threw, with threads: %s', async threads => {
    await using node = await open({ threads })
    await node.client(rogue).publish('armWrite', { fault: fault.throws })
    const told = 'application rogue: snapshot.write threw: something that cannot be shown'
    expect(await reason(node.snapshot())).toContain(told)
    expect(await reason(node.failed)).toContain(told)
  })
})

describe('closing a node', { timeout: 60_000 }, () => {
  it('ends with what the last snapshot threw, once and for all', async () => {
    const node = await open()
    await node.client(rogue).publish('armWrite', { fault: fault.throws })
    const closing = node.close()
    expect(node.close()).toBe(closing)
    expect(await rejection(closing)).toBe('DX_APP')
    expect(await rejection(node.failed)).toBe('DX_APP')
    expect(await rejection(node[Symbol.asyncDispose]())).toBe('DX_APP')
    await reopens()
  })

  it('waits for a client that is closing already, and takes no new one', async () => {
    const options = { threads: 'inline', ringCapacity: 64 } as const
    const node = await open(options)
    const client = node.client(rogue, { clientId: 7 })
    const stream = await client.stream()
    while (stream.tryPublish('now', { fault: 0 })) {}
    const first = client.close()
    expect(client.close()).toBe(first)
    const closing = node.close({ snapshot: false })
    expect(() => node.client(rogue)).toThrow('the node is closed')
    await Promise.all([first, closing])
    await using again = await open(options)
    expect(await again.client(rogue, { clientId: 7 }).resume()).toBe(stream.published)
  })

  it('ends when a thread dies over its last events or over the last snapshot', async () => {
    for (const event of ['now', 'armWrite'] as const) {
      const node = await open()
      expect(await rejection(node.client(rogue).publish(event, { fault: fault.exits }, { ack: 'none' }))).toBe('resolved')
      expect(await rejection(node.close())).toBe('DX_THREAD_DIED')
      expect(await rejection(node.failed)).toBe('DX_THREAD_DIED')
      await reopens()
    }
  })

  it('says that a thread died after its last event, before it had given everything back', async () => {
    const node = await open()
    await node.client(rogue).publish('now', { fault: fault.leaves })
    expect(await rejection(node.close())).toBe('DX_THREAD_DIED')
    await reopens()
  })

  it('says what user code left behind that nobody handled', async () => {
    const node = await open()
    await node.client(rogue).publish('now', { fault: fault.rejects })
    expect(await reason(node.close())).toContain('left behind')
    await reopens()
  })

  it('does not wait for what user code leaves running', async () => {
    const node = await open()
    await node.client(rogue).publish('now', { fault: fault.clings })
    await node.close()
    await reopens()
  })

  it('waits no longer than it may for an event that never ends', async () => {
    const node = await open()
    await node.client(rogue).publish('now', { fault: fault.hangs }, { ack: 'none' })
    expect(await rejection(node.close({ timeoutMs: 50 }))).toBe('DX_TIMEOUT')
    await reopens()
  })

  it('goes on when a publish is aborted meanwhile', async () => {
    const node = await open()
    const controller = new AbortController()
    const publishing = node.client(rogue).publish('now', { fault: 0 }, { signal: controller.signal })
    const outcome = rejection(publishing)
    await Promise.resolve()
    const closing = node.close()
    controller.abort()
    await closing
    expect(['DX_OUTCOME_UNKNOWN', 'DX_ABORTED', 'DX_CLOSED']).toContain(await outcome)
    await reopens()
  })
})
