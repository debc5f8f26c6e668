import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SeededRandom, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { acknowledgedLine, disruptorx, expectRefusal, lastNumber, MAIN, resumedLine, summaryOf } from './support/command.ts'
import { cutTail, journaledNumbers } from './support/journal.ts'
import { orderText, writeOrders } from './support/orders.ts'

const LINES = 12_000
const slow = ['--rate', '20000', '--progress-lines', '250']
const at = (line: number) => (text: string) => (acknowledgedLine(text) ?? 0) >= line

async function straightSummary(file: string, dataDir: string) {
  return summaryOf(await disruptorx(['replay', file, '--json', '--data-dir', dataDir]))
}

describe('a replay whose journal lost its tail', () => {
  it('goes on from what is left, to the same summary', async () => {
    using dir = temporaryDirectory()
    const file = writeOrders(dir.join('orders.csv'), 3, LINES)
    const straight = await straightSummary(file, dir.join('straight'))
    const cutAndResume = async (random: SeededRandom) => {
      const dataDir = dir.join('cut')
      rmSync(dataDir, { recursive: true, force: true })
      const args = ['replay', file, '--json', '--data-dir', dataDir]
      for (const line of [3000, 7000]) {
        await disruptorx([...args, ...slow], { killWhen: at(line) })
        cutTail(dataDir, 1 + random.below(200_000))
      }
      const last = await disruptorx(args)
      expect(last.stderr).toMatch(/started at|resumed at/)
      expect(summaryOf(last)).toEqual(straight)
      expect(journaledNumbers(dataDir)).toEqual(Array.from({ length: LINES }, (_, number) => number + 1))
    }
    await withSeed('tail cuts', cutAndResume, { count: 4 })
  })
})

describe('a replay that is asked to end', () => {
  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(`drains, snapshots, says how to go on, and exits with ${exitCode} after ${signal}`, async () => {
      using dir = temporaryDirectory()
      const file = writeOrders(dir.join('orders.csv'), 4, LINES)
      const args = ['replay', file, '--json', '--data-dir', dir.join('data')]
      const ended = await disruptorx([...args, ...slow], { killWhen: at(4000), killSignal: signal })
      expect(ended).toMatchObject({ exitCode, stdout: '' })
      expect(ended.stderr).toContain('the same command goes on from there')
      const events = lastNumber(ended.stderr, /: ([\d,]+) messages are in the journal; the same command/)

      const resumed = await disruptorx(args)
      expect(lastNumber(resumed.stderr, /: ([\d,]+) messages are in the journal already/)).toBe(events)
      expect(summaryOf(resumed)).toEqual(await straightSummary(file, dir.join('straight')))
    })
  }

  it('goes on from the snapshot, though the journal lost entries that the snapshot holds', async () => {
    using dir = temporaryDirectory()
    const file = writeOrders(dir.join('orders.csv'), 4, LINES)
    const args = ['replay', file, '--json', '--data-dir', dir.join('data')]
    await disruptorx([...args, ...slow], { killWhen: at(4000), killSignal: 'SIGTERM' })
    cutTail(dir.join('data'), 60_000)
    const resumed = await disruptorx(args)
    expect(resumedLine(resumed.stderr)).toBeGreaterThan(4000)
    expect(summaryOf(resumed)).toEqual(await straightSummary(file, dir.join('straight')))
  })
})

describe('a replay of standard input', () => {
  it('ends when asked to while it waits for its input', async () => {
    using dir = temporaryDirectory()
    // Its standard input stays open, and nothing comes.
    const child = spawn(process.execPath, [MAIN, 'replay', '-'], { cwd: dir.path, stdio: ['pipe', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr?.on('data', data => {
      stderr += data
    })
    const closed = new Promise(resolve => child.once('close', resolve))
    await sleep(700)
    child.kill('SIGTERM')
    expect(await closed).toBe(143)
    expect(stderr).toBe('stopped by SIGTERM before anything was fed; the same command begins here again\n')
  })

  it('reads and compares what it had before, and goes on', async () => {
    using dir = temporaryDirectory()
    const stdin = orderText(5, LINES)
    const file = writeOrders(dir.join('orders.csv'), 5, LINES)
    const args = ['replay', '-', '--json']
    const killed = await disruptorx([...args, ...slow], { stdin, cwd: dir.path, killWhen: at(5000) })
    const resumed = await disruptorx(args, { stdin, cwd: dir.path })
    expect(resumedLine(resumed.stderr)).toBeGreaterThan(acknowledgedLine(killed.stderr) ?? Number.POSITIVE_INFINITY)
    expect(summaryOf(resumed)).toEqual(await straightSummary(file, dir.join('straight')))

    const other = await disruptorx(args, { stdin: orderText(6, LINES), cwd: dir.path })
    expectRefusal(other, 2, 'standard input is not the source that this data directory goes on from')
  })
})

describe('a data directory that has messages of a source', () => {
  const name = (dir: { join(...parts: string[]): string }) => ({ file: dir.join('orders.csv'), dataDir: dir.join('data') })

  it('refuses another source, and keeps what it has', async () => {
    using dir = temporaryDirectory()
    const { file, dataDir } = name(dir)
    const text = orderText(7, 3000)
    writeFileSync(file, text)
    const args = ['replay', file, '--json', '--data-dir', dataDir]
    const before = summaryOf(await disruptorx(args))

    // A fraction of a second more, in a line like all others.
    const digit = text.indexOf(',', 50_000) - 1
    writeFileSync(file, `${text.slice(0, digit)}${text[digit] === '7' ? '8' : '7'}${text.slice(digit + 1)}`)
    expectRefusal(await disruptorx(args), 2, /differ from those that were journaled.*--data-dir.*--restart/)
    writeFileSync(file, text.split('\n').slice(0, 2000).join('\n'))
    expectRefusal(await disruptorx(args), 2, /it has 2,000 messages, and 3,000 of the one before are in the journal/)

    writeFileSync(file, text)
    expect(summaryOf(await disruptorx(args))).toEqual(before)
  })

  it('takes in what was added to the source since', async () => {
    using dir = temporaryDirectory()
    const { file, dataDir } = name(dir)
    const lines = orderText(7, 3000).split('\n')
    writeFileSync(file, lines.slice(0, 1500).join('\n'))
    const args = ['replay', file, '--json', '--data-dir', dataDir]
    await disruptorx(args)
    appendFileSync(file, `\n${lines.slice(1500).join('\n')}`)
    const grown = await disruptorx(args)
    expect(resumedLine(grown.stderr)).toBe(1501)
    expect(summaryOf(grown)).toEqual(await straightSummary(file, dir.join('straight')))
  })

  it('begins anew with --restart, also with another source', async () => {
    using dir = temporaryDirectory()
    const { file, dataDir } = name(dir)
    writeOrders(file, 8, 3000)
    const args = ['replay', file, '--json', '--data-dir', dataDir]
    await disruptorx(args)
    writeOrders(file, 9, 2000)
    const restarted = await disruptorx([...args, '--restart'])
    expect(restarted.stderr).toContain('started at line 1 of')
    expect(summaryOf(restarted)).toMatchObject({ events: 2000 })
    expect(journaledNumbers(dataDir)).toHaveLength(2000)
    expect(summaryOf(await disruptorx(args))).toMatchObject({ events: 2000 })
  })

  it('finishes a restart that was interrupted while it threw things away', async () => {
    using dir = temporaryDirectory()
    const { file, dataDir } = name(dir)
    writeOrders(file, 8, 3000)
    const args = ['replay', file, '--json', '--data-dir', dataDir]
    await disruptorx(args)
    const description = JSON.parse(readFileSync(dir.join('data', 'source.json'), 'utf8'))
    writeFileSync(dir.join('data', 'source.json'), JSON.stringify({ ...description, emptying: true }))
    const next = await disruptorx(args)
    expect(next.stderr).toContain('started at line 1 of')
    expect(summaryOf(next)).toMatchObject({ events: 3000 })
    expect(JSON.parse(readFileSync(dir.join('data', 'source.json'), 'utf8'))).toEqual(description)
  })
})
