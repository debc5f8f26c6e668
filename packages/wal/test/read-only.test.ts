import { chmodSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runBlocking } from '@disruptorx/contracts/internal'
import { runProcess, SimulatedFiles, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { nodeFiles } from '../src/index.ts'
import { openJournalStep } from '../src/journal/open-journal-step.ts'
import { canMount, withMount } from './full-disk/mount.ts'
import { codeOf } from './journals.ts'
import { openOn } from './model.ts'
import { makeJournal } from './tools-journals.ts'

const opener = fileURLToPath(new URL('./opener.ts', import.meta.url))
const isRoot = process.getuid?.() === 0

describe('a journal that may not be written', () => {
  it.skipIf(!canMount())(
    'on a read-only file system is refused by name: one that is there, one that is to be made, one in a directory to be made',
    async () => {
      using dir = temporaryDirectory()
      makeJournal(dir.join('journal'))
      mkdirSync(dir.join('empty'))
      const mount = `mount --bind ${dir.path} ${dir.path} && mount -o remount,ro,bind ${dir.path}`
      for (const path of ['journal', 'empty', 'new', 'new/below'].map(name => dir.join(name))) {
        const { stdout, stderr } = await runProcess(withMount(mount, [process.execPath, opener, path]))
        expect([stdout.split(': ')[0], stderr]).toEqual(['DX_DIRECTORY_READ_ONLY', ''])
        expect(stdout).toMatch(`${path} cannot be written (EROFS: read-only file system`)
        expect(stdout).toMatch('look at it with the tools, which only read')
      }
    },
  )

  it.skipIf(isRoot)('by the rights of its directory or its files is refused by name', () => {
    using dir = temporaryDirectory()
    makeJournal(dir.join('journal'))
    const open = () => runBlocking(openJournalStep(nodeFiles(), { dir: dir.join('journal'), segmentBytes: 64 * 1024 }))
    chmodSync(dir.join('journal/000003.seg'), 0o444)
    expect(codeOf(open)).toBe('DX_DIRECTORY_READ_ONLY')
    chmodSync(dir.join('journal/000003.seg'), 0o644)
    chmodSync(dir.join('journal/lock'), 0o444)
    expect(codeOf(open)).toBe('DX_DIRECTORY_READ_ONLY')
    chmodSync(dir.join('journal/lock'), 0o644)
    chmodSync(dir.path, 0o555)
    expect(codeOf(() => runBlocking(openJournalStep(nodeFiles(), { dir: dir.join('new') })))).toBe('DX_DIRECTORY_READ_ONLY')
    chmodSync(dir.path, 0o755)
    runBlocking(open().close())
  })

  it.each(['EACCES', 'EROFS', 'EPERM'])('says so with the system error %s as its cause, wherever in the opening that comes', code => {
    for (const operation of ['make-directory', 'lock', 'open', 'rename'] as const) {
      const files = new SimulatedFiles({ seed: 1, fault: request => (request.operation === operation ? (code as 'EIO') : undefined) })
      expect(() => openOn(files)).toThrow(
        expect.objectContaining({ code: 'DX_DIRECTORY_READ_ONLY', cause: expect.objectContaining({ code }) }),
      )
    }
  })
})
