import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { disruptorx, expectRefusal, startDisruptorx } from './support/command.ts'
import { writeOrders } from './support/orders.ts'

describe('a data directory', () => {
  it('is refused while a living node has it, and free again when that was killed', async () => {
    using dir = temporaryDirectory()
    const args = ['start', '--port', '0']
    await using running = startDisruptorx(args, { cwd: dir.path })
    await running.waitForLine(line => line.startsWith('running'))
    const inUse = new RegExp(`data directory .*live is in use by process ${running.pid}; end that one, or name another directory`)
    expectRefusal(await disruptorx(args, { cwd: dir.path }), 1, inUse)
    running.kill('SIGKILL')
    await running.result
    expect((await disruptorx([...args, '--duration', '0.2'], { cwd: dir.path })).exitCode).toBe(0)
  })

  it('is not emptied by --restart while a living replay has it', async () => {
    using dir = temporaryDirectory()
    const file = writeOrders(dir.join('orders.csv'), 1, 5000)
    await using running = startDisruptorx(['replay', file, '--rate', '1000'], { cwd: dir.path })
    await running.waitForLine(line => line.startsWith('started'))
    expectRefusal(await disruptorx(['replay', file, '--restart'], { cwd: dir.path }), 1, `is in use by process ${running.pid}`)
  })

  it('is for live nodes or for replays, never for both', async () => {
    using dir = temporaryDirectory()
    const file = writeOrders(dir.join('orders.csv'), 1, 200)
    await disruptorx(['start', '--port', '0', '--duration', '0.2', '--data-dir', 'live'], { cwd: dir.path })
    await disruptorx(['replay', file, '--data-dir', 'replay'], { cwd: dir.path })
    const live = await disruptorx(['replay', file, '--data-dir', 'live', '--restart'], { cwd: dir.path })
    expectRefusal(live, 1, /live holds the state of a live node/)
    expectRefusal(await disruptorx(['start', '--data-dir', 'replay'], { cwd: dir.path }), 1, /replay holds a replay of .*orders\.csv/)
  })

  it('is refused when its format is newer, or its description is damaged', async () => {
    using dir = temporaryDirectory()
    const args = ['start', '--port', '0', '--duration', '0.2']
    await disruptorx(args, { cwd: dir.path })
    const path = dir.join('.data/live/source.json')
    const description = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...description, format: 2, novelty: true }))
    expectRefusal(await disruptorx(args, { cwd: dir.path }), 1, /has format 2; this version of disruptorx reads formats up to 1/)
    writeFileSync(path, '{"format":1,"kind":"li')
    expectRefusal(await disruptorx(args, { cwd: dir.path }), 1, /source\.json is damaged/)
  })

  it('is refused when its journal has a newer format', async () => {
    using dir = temporaryDirectory()
    const args = ['start', '--port', '0', '--duration', '0.2']
    await disruptorx(args, { cwd: dir.path })
    const path = dir.join('.data/live/journal/000001.seg')
    const segment = readFileSync(path)
    segment.writeUInt32LE(99, 8)
    writeFileSync(path, segment)
    const refused = await disruptorx(args, { cwd: dir.path })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/^disruptorx: .*99/m)
    expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('is refused when it cannot be made, is a file, or holds files of others', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('file'), 'x')
    mkdirSync(dir.join('photos'))
    writeFileSync(dir.join('photos/cat.jpg'), 'x')
    const start = (dataDir: string) => disruptorx(['start', '--port', '0', '--data-dir', dataDir], { cwd: dir.path })
    expectRefusal(await start('file'), 1, /cannot use data directory .*file: /)
    expectRefusal(await start('file/below'), 1, /cannot use data directory .*below: a part of its path is not a directory/)
    expectRefusal(await start('photos'), 1, /holds files that are not this command's, such as cat\.jpg/)
    if (process.platform === 'linux')
      expectRefusal(await start('/proc/disruptorx'), 1, /cannot use data directory .*: it cannot be made there/)
  })

  it('may be emptied by hand, and is then new', async () => {
    using dir = temporaryDirectory()
    const file = writeOrders(dir.join('orders.csv'), 1, 200)
    await disruptorx(['replay', file, '--data-dir', 'data'], { cwd: dir.path })
    rmSync(dir.join('data'), { recursive: true })
    mkdirSync(dir.join('data'))
    const again = await disruptorx(['replay', file, '--data-dir', 'data'], { cwd: dir.path })
    expect(again.stderr).toContain('started at line 1')
  })
})
