import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProcess, temporaryDirectory } from '../src/index.ts'

describe('a temporary directory', () => {
  it('is empty, absolute and another one each time', () => {
    using first = temporaryDirectory()
    using second = temporaryDirectory()
    expect(readdirSync(first.path)).toEqual([])
    expect(isAbsolute(first.path)).toBe(true)
    expect(first.path).not.toBe(second.path)
  })

  it('is gone with everything in it after `using`, `await using` and dispose, twice over', async () => {
    const paths: string[] = []
    {
      using dir = temporaryDirectory()
      mkdirSync(dir.join('a', 'b'), { recursive: true })
      writeFileSync(dir.join('a', 'b', 'c'), 'x')
      paths.push(dir.path)
    }
    {
      await using dir = temporaryDirectory()
      paths.push(dir.path)
    }
    const dir = temporaryDirectory()
    dir.dispose()
    dir.dispose()
    for (const path of [...paths, dir.path]) expect(existsSync(path)).toBe(false)
  })

  it('is gone when a process exits, or dies of an error, without disposing of it', async () => {
    for (const end of ['process.exit(3)', 'throw new Error()', '']) {
      const program = `import('@disruptorx/testkit').then(kit => { console.log(kit.temporaryDirectory().path); ${end} })`
      const { stdout } = await runProcess({ command: process.execPath, args: ['-e', program], cwd: import.meta.dirname })
      expect(isAbsolute(stdout.trim())).toBe(true)
      expect(existsSync(stdout.trim())).toBe(false)
    }
  })
})
