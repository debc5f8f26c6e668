import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LogEntry } from '@disruptorx/contracts'
import { runProcess, SeededRandom, startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { openSqliteJournal } from '@disruptorx/wal/sqlite'
import { describe, expect, it } from 'vitest'
import { loadSqlite } from '../src/platform/sqlite-load.ts'
import { canMount, withMount } from './full-disk/mount.ts'

const holder = fileURLToPath(new URL('./sqlite-holder.ts', import.meta.url))
const command = process.execPath

const mounts = canMount()
if (!mounts) console.warn('skipped: tests on a full and on a read-only disk, because this user may not mount one')

describe('a SQLite journal in another process', () => {
  it('keeps this one out while it lives, and leaves nothing behind when it is killed', async () => {
    using dir = temporaryDirectory()
    const child = startProcess({ command, args: [holder, 'hold', dir.path] })
    await child.waitForLine((line: string) => line === 'open')
    await expect(openSqliteJournal(dir.path)).rejects.toMatchObject({
      code: 'DX_DATABASE_IN_USE',
      details: { path: dir.join('logs.sqlite'), reason: 'database is locked' },
    })
    child.kill('SIGKILL')
    await child.result
    const journal = await openSqliteJournal(dir.path)
    await journal.close()
    expect(readdirSync(dir.path)).toEqual(['logs.sqlite'])
  }, 60_000)

  it('killed at any moment, has every entry that it called durable', async () => {
    using dir = temporaryDirectory()
    const random = new SeededRandom(11)
    for (let round = 0, acknowledged = 0; round < 6; round++) {
      const killAfter = random.between(1, 60)
      let printed = 0
      await runProcess({
        command,
        args: [holder, 'hold', dir.path],
        killWhen: line => {
          if (line !== 'open') acknowledged = Number(line)
          return line !== 'open' && ++printed >= killAfter
        },
      })
      const journal = await openSqliteJournal(dir.path, { verify: 'all' })
      const log = journal.log(0)
      const found: LogEntry[] = []
      for await (const batch of log.read(log.firstIndex)) found.push(...batch)
      expect(found.at(-1)?.index).toBeGreaterThanOrEqual(acknowledged)
      for (const { index, data } of found) expect(new TextDecoder().decode(data)).toBe(`${index}/`.padEnd(index % 3000, 'x'))
      await journal.close()
    }
  }, 60_000)

  it('keeps a process only while somebody waits for it', async () => {
    using dir = temporaryDirectory()
    const { stdout, stderr, exitCode } = await runProcess({ command, args: [holder, 'once', dir.path] })
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'entry of 2 bytes\n', stderr: '', exitCode: 0 })
  }, 60_000)

  it.skipIf(!mounts)('on a read-only file system is refused by name, whether it is there or to be made', async () => {
    using dir = temporaryDirectory()
    await (await openSqliteJournal(dir.join('there'))).close()
    mkdirSync(dir.join('empty'))
    const mount = `mount --bind ${dir.path} ${dir.path} && mount -o remount,ro,bind ${dir.path}`
    for (const path of ['there', 'empty', 'new/below'].map(name => dir.join(name))) {
      const { stdout, stderr } = await runProcess(withMount(mount, [command, holder, 'open', path]))
      expect([stdout, stderr]).toEqual(['DX_DIRECTORY_READ_ONLY\n', ''])
    }
  })

  it.skipIf(!mounts)(
    'stops when the disk is full, tells why, and opens again when there is room',
    async () => {
      using dir = temporaryDirectory()
      const mount = `mount -t tmpfs -o size=4m tmpfs ${dir.path}`
      const { stdout, stderr } = await runProcess(withMount(mount, [command, holder, 'full', dir.path]))
      expect({ stdout: stdout.trimEnd().split('\n'), stderr }).toEqual({
        stdout: ['DX_JOURNAL_STOPPED because of DX_DATABASE_FULL', 'close tells it too', 'all that was durable is there', 'and it goes on'],
        stderr: '',
      })
    },
    60_000,
  )
})

describe('without better-sqlite3', () => {
  it('the SQLite journal says what to install', async () => {
    using dir = temporaryDirectory()
    const dist = fileURLToPath(new URL('../dist', import.meta.url))
    const scope = dir.join('node_modules/@disruptorx')
    mkdirSync(`${scope}/wal`, { recursive: true })
    cpSync(dist, `${scope}/wal/dist`, { recursive: true })
    cpSync(`${dist}/../package.json`, `${scope}/wal/package.json`)
    for (const name of ['contracts', 'core']) {
      const found = ['../node_modules/@disruptorx/', '../../'].map(path => fileURLToPath(new URL(`${path}${name}`, import.meta.url)))
      symlinkSync(realpathSync(found.find(existsSync) as string), `${scope}/${name}`)
    }
    const program = `import { openSqliteJournal } from '@disruptorx/wal/sqlite'
      try { await openSqliteJournal('x') } catch (error) { console.log(error.code, error.message) }`
    writeFileSync(dir.join('program.mjs'), program)
    const { stdout, stderr } = await runProcess({ command, args: ['program.mjs'], cwd: dir.path, env: { NODE_PATH: undefined } })
    expect(stderr).toBe('')
    expect(stdout).toBe(
      'DX_SQLITE_MISSING the SQLite store needs the package better-sqlite3 (it is not installed); install it: npm install better-sqlite3\n',
    )
    expect(existsSync(dir.join('x'))).toBe(false)
  }, 60_000)

  it('or with one that does not fit this Node, says why', () => {
    const load = () => {
      throw new Error('was compiled against a different Node.js version\nmore')
    }
    expect(() => loadSqlite(load)).toThrow('(was compiled against a different Node.js version); install it')
  })
})
