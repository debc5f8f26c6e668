import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { StatusSample } from '../src/view/status-sample.ts'
import { disruptorx, expectRefusal, lastNumber, MAIN, startDisruptorx, summaryOf } from './support/command.ts'
import { journaledNumbers } from './support/journal.ts'
import { writeOrders } from './support/orders.ts'

const FREE = ['--port', '0']

/** Events of all runs and the digest, from the last line of a run. */
function ending(stdout: string): { events: number | undefined; digest: string | undefined } {
  return { events: lastNumber(stdout, /([\d,]+) in all/), digest: /digest ([0-9a-f]{16})/.exec(stdout)?.[1] }
}

/** What an uninterrupted flow of that many events comes to. */
async function straightDigest(dir: { join(...parts: string[]): string }, seed: number, events: number): Promise<unknown> {
  const file = writeOrders(dir.join(`flow-${events}.csv`), seed, events)
  return summaryOf(await disruptorx(['replay', file, '--json', '--data-dir', dir.join(`flow-${events}`)])).digest
}

describe('a live node', () => {
  it('writes plain lines where no terminal is, ends after its duration, and goes on from there', async () => {
    using dir = temporaryDirectory()
    const args = ['start', ...FREE, '--duration', '1.5', '--seed', '5', '--rate', '5000']
    const first = await disruptorx(args, { cwd: dir.path })
    expect(first.exitCode).toBe(0)
    expect(first.stdout).toMatch(/^running, durability fsync, [\d,]+ events\/s, to durable .+ to applied .+ lag .+ resting .+ top /)
    expect(first.stdout).not.toContain('\x1b')
    const one = ending(first.stdout)
    expect(one.events).toBeGreaterThan(1000)
    expect(one.digest).toBe(await straightDigest(dir, 5, one.events ?? 0))

    const second = await disruptorx(['start', ...FREE, '--duration', '0.5', '--rate', '5000'], { cwd: dir.path })
    expect(second.stderr).toContain(`generator from its checkpoint at event ${one.events?.toLocaleString('en-US')}`)
    const two = ending(second.stdout)
    expect(two.events).toBeGreaterThan(one.events ?? 0)
    expect(two.digest).toBe(await straightDigest(dir, 5, two.events ?? 0))
  })

  it('comes to the same after kill -9 as a flow that nothing interrupted', async () => {
    using dir = temporaryDirectory()
    const args = ['start', ...FREE, '--seed', '6', '--rate', '8000']
    for (let kill = 0; kill < 3; kill++) {
      const killed = await disruptorx(args, { cwd: dir.path, killWhen: line => line.startsWith('running') })
      expect(killed.signal).toBe('SIGKILL')
    }
    const last = await disruptorx([...args, '--duration', '0.5'], { cwd: dir.path })
    expect(last.stderr).toContain('generator from event 0, without its checkpoint: there is none')
    const { events, digest } = ending(last.stdout)
    expect(digest).toBe(await straightDigest(dir, 6, events ?? 0))
    expect(journaledNumbers(dir.join('.data/live'))).toEqual(Array.from({ length: events ?? 0 }, (_, at) => at + 1))
  })

  it('does without a checkpoint that is damaged, of another seed, or ahead of the log', async () => {
    using dir = temporaryDirectory()
    const args = ['start', ...FREE, '--seed', '7', '--rate', '5000', '--duration', '0.3']
    const checkpoint = dir.join('.data/live/generator.checkpoint')
    await disruptorx(args, { cwd: dir.path })
    await disruptorx(['start', ...FREE, '--seed', '8', '--duration', '0.3', '--data-dir', 'other'], { cwd: dir.path })
    const damaged = readFileSync(checkpoint)
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] as number) ^ 1
    let last = ''
    for (const [content, reason] of [
      [damaged, 'it is damaged'],
      [readFileSync(dir.join('other/generator.checkpoint')), 'it is of another seed'],
    ] as const) {
      writeFileSync(checkpoint, content)
      const next = await disruptorx(args, { cwd: dir.path })
      expect(next.stderr).toContain(`without its checkpoint: ${reason}`)
      last = next.stdout
    }
    const { events, digest } = ending(last)
    expect(digest).toBe(await straightDigest(dir, 7, events ?? 0))

    const ahead = readFileSync(checkpoint)
    rmSync(dir.join('.data/live'), { recursive: true })
    await disruptorx(args, { cwd: dir.path })
    writeFileSync(checkpoint, ahead)
    expect((await disruptorx(args, { cwd: dir.path })).stderr).toContain('without its checkpoint: it is ahead of the log')
  })

  it('belongs to the seed that it was begun with', async () => {
    using dir = temporaryDirectory()
    await disruptorx(['start', ...FREE, '--seed', '5', '--duration', '0.2'], { cwd: dir.path })
    const other = await disruptorx(['start', ...FREE, '--seed', '6'], { cwd: dir.path })
    expectRefusal(other, 1, /belongs to seed 5, not 6; leave --seed away to go on/)
  })

  it('writes a JSON object a line on demand', async () => {
    using dir = temporaryDirectory()
    const { stdout } = await disruptorx(['start', ...FREE, '--duration', '1.3', '--json'], { cwd: dir.path })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines[0]).toMatchObject({
      state: 'running',
      durability: 'fsync',
      seed: 1,
      rate: 20_000,
      latencyNs: { durable: {}, applied: {} },
    })
    expect(lines.at(-1)).toMatchObject({ state: 'ended', rejected: 0 })
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`drains, snapshots and exits with 0 on ${signal}`, async () => {
      using dir = temporaryDirectory()
      const args = ['start', ...FREE, '--seed', '9']
      const ended = await disruptorx(args, { cwd: dir.path, killWhen: line => line.startsWith('running'), killSignal: signal })
      expect(ended).toMatchObject({ exitCode: 0 })
      expect(ended.stdout).toContain(`ended by ${signal}`)
      const { events } = ending(ended.stdout)
      expect(journaledNumbers(dir.join('.data/live'))).toHaveLength(events ?? 0)
      const next = await disruptorx([...args, '--duration', '0.2'], { cwd: dir.path })
      expect(lastNumber(next.stderr, /goes on after event ([\d,]+)/)).toBe(events)
    })
  }

  it('ends at once on a second Ctrl-C', async () => {
    using dir = temporaryDirectory()
    await using running = startDisruptorx(['start', ...FREE], { cwd: dir.path })
    await running.waitForLine(line => line.startsWith('running'))
    // While it is stopped it cannot drain; both signals are there when it goes on.
    running.kill('SIGINT')
    await sleep(20)
    running.kill('SIGSTOP')
    await sleep(600)
    running.kill('SIGINT')
    running.kill('SIGCONT')
    const { exitCode, signal } = await running.result
    // It may have been done before it was stopped.
    expect(exitCode ?? signal).toBeOneOf([0, 'SIGINT'])
  })
})

describe('a live node with a parent', () => {
  it('drains and exits with 0 when the parent closes its channel', async () => {
    using dir = temporaryDirectory()
    const child = spawn(process.execPath, [MAIN, 'start', ...FREE], { cwd: dir.path, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })
    let stdout = ''
    child.stdout?.on('data', data => {
      stdout += data
      if (child.connected) child.disconnect()
    })
    // Not `close`, which Node never emits once the parent has disconnected.
    const [exitCode] = await Promise.all([
      new Promise(resolve => child.once('exit', resolve)),
      new Promise(resolve => child.stdout?.once('end', resolve)),
    ])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('ended by disconnect') })
  })

  it('is not kept alive by the channel', async () => {
    using dir = temporaryDirectory()
    const args = [MAIN, 'start', ...FREE, '--duration', '0.2']
    const child = spawn(process.execPath, args, { cwd: dir.path, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0)
  })

  it('drains and exits with 0 when nobody reads its output any more', async () => {
    using dir = temporaryDirectory()
    const line = `("${process.execPath}" "${MAIN}" start --port 0; echo "exit $?" >&2) | head -1`
    const { stdout, stderr } = await runProcess({ command: 'bash', args: ['-c', line], cwd: dir.path })
    expect(stdout).toMatch(/^running/)
    expect(stderr).toMatch(/exit 0\n$/)
  })
})

describe('the HTTP side of a live node', () => {
  it('answers on loopback: health and status', async () => {
    using dir = temporaryDirectory()
    await using running = startDisruptorx(['start', ...FREE, '--rate', '4000'], { cwd: dir.path })
    const started = await running.waitForLine(line => line.startsWith('started'))
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(started)?.[0]
    await running.waitForLine(line => line.startsWith('running'))
    const health = await fetch(`${address}/healthz`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    const status = await fetch(`${address}/status`)
    expect(status.headers.get('content-type')).toContain('application/json')
    const sample = (await status.json()) as StatusSample
    expect(sample).toMatchObject({ state: 'running', durability: 'fsync', rate: 4000, dataDir: dir.join('.data/live') })
    expect(sample.events.durable).toBeGreaterThan(0)
    expect(sample.events.durable).toBeGreaterThanOrEqual(sample.events.applied)
    expect(sample.latencyNs.durable.p50).toBeGreaterThan(0)
    expect(sample.book.restingOrders).toBeGreaterThan(0)
    expect(sample.book.bids[0]?.price).toBeLessThan(sample.book.asks[0]?.price ?? 0)
    expect((await fetch(`${address}/nothing`)).status).toBe(404)
  })

  it('is refused a port that another process has', async () => {
    using dir = temporaryDirectory()
    const server = createServer()
    const port = await new Promise<number>(resolve => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    const result = await disruptorx(['start', '--port', String(port)], { cwd: dir.path })
    server.close()
    expectRefusal(result, 1, `port ${port} on 127.0.0.1 is already in use by another process; name a free one with --port`)
  })
})
