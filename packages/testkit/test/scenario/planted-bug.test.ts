import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type PlantedBug, plantBug, plantedSources } from '../../src/platform/planted-bug.ts'
import { type TemporaryDirectory, temporaryDirectory } from '../../src/platform/temporary-directory.ts'

function scratch(): TemporaryDirectory {
  const dir = temporaryDirectory()
  for (const name of ['src', 'test/sim', 'dist', 'modules']) mkdirSync(dir.join(name), { recursive: true })
  writeFileSync(dir.join('package.json'), '{}')
  writeFileSync(dir.join('src/a.ts'), 'const a = 1\nconst b = 1 + $1\n')
  writeFileSync(dir.join('test/sim/a.scenario.ts'), '// a')
  symlinkSync(dir.join('modules'), dir.join('node_modules'))
  return dir
}

const bug = (fields: Partial<PlantedBug>): PlantedBug => ({
  name: 'wrong',
  file: 'src/a.ts',
  find: 'const a = 1',
  replace: 'const a = 2',
  ...fields,
})

describe('a planted bug', () => {
  it('is in a copy of the package, which shares what it does not change', () => {
    using dir = scratch()
    using copy = plantBug(dir.path, bug({ replace: "const a = '$& $1'" }))
    expect(readFileSync(copy.join('src/a.ts'), 'utf8')).toBe("const a = '$& $1'\nconst b = 1 + $1\n")
    expect(readFileSync(dir.join('src/a.ts'), 'utf8')).toContain('const a = 1\n')
    for (const path of ['package.json', 'test/sim/a.scenario.ts', 'dist', 'node_modules']) expect(existsSync(copy.join(path))).toBe(true)
    const { path } = copy
    copy.dispose()
    expect([existsSync(path), existsSync(dir.join('dist')), existsSync(dir.join('modules'))]).toEqual([false, true, true])
  })

  it('may take several changes, of one file and of others', () => {
    using dir = scratch()
    const also = [
      { file: 'src/a.ts', find: 'const a = 2', replace: 'const a = 3' },
      { file: 'test/sim/a.scenario.ts', find: '// a', replace: '// b' },
    ]
    using copy = plantBug(dir.path, bug({ also }))
    expect(readFileSync(copy.join('src/a.ts'), 'utf8')).toContain('const a = 3\n')
    expect(readFileSync(copy.join('test/sim/a.scenario.ts'), 'utf8')).toBe('// b')
  })

  it.each<[Partial<PlantedBug>, string]>([
    [{ also: [{ file: 'src/a.ts', find: 'const a = 1', replace: '' }] }, 'its text is there 0 times'],
    [{ find: 'const' }, 'its text is there 2 times'],
    [{ find: 'let' }, 'its text is there 0 times'],
    [{ find: '' }, 'its text is there everywhere'],
    [{ replace: 'const a = 1' }, 'it changes nothing'],
    [{ file: 'src/b.ts' }, 'there is no such file'],
  ])('must apply exactly once: %j does not', (fields, why) => {
    using dir = scratch()
    expect(() => plantedSources(dir.path, bug(fields))).toThrow(`the planted bug wrong does not fit ${fields.file ?? 'src/a.ts'}: ${why}`)
    expect(() => plantBug(dir.path, bug(fields))).toThrow(why)
  })
})
