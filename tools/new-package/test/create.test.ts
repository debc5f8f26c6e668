import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allowedImports, checkImports } from '../../verify/import-rules.ts'
import { checkManifests } from '../../verify/manifests.ts'
import { checkPortsOnly } from '../../verify/ports-only.ts'
import { checkReadmes } from '../../verify/readmes.ts'
import { checkSizes } from '../../verify/size-limits.ts'
import { scratch } from '../../verify/test/scratch.ts'
import { createPackage, NewPackageError } from '../create.ts'

const layers = '{\n  "contracts": [],\n  "cluster": "above"\n}\n'
const empty = () => scratch({ 'tools/verify/layers.json': layers })

describe('a new package', () => {
  it('passes every check that reads sources, and has its place in the layers', () => {
    const root = empty()
    createPackage(root, 'time-travel')
    const rules = JSON.parse(readFileSync(join(root, 'tools/verify/layers.json'), 'utf8'))
    expect(allowedImports('time-travel', rules)).toEqual(['contracts'])
    expect(allowedImports('cluster', rules)).toEqual(['contracts', 'time-travel'])
    for (const check of [checkManifests, checkPortsOnly, checkReadmes, checkSizes]) expect(check(root)).toEqual([])
    expect(checkImports(root, rules)).toEqual([])
  })

  it('has no placeholder left', () => {
    const root = empty()
    const dir = createPackage(root, 'x1', 'Counts "things"')
    for (const file of ['README.md', 'src/index.ts', 'test/greeting.test.ts', 'package.json']) {
      const text = readFileSync(join(dir, file), 'utf8')
      expect(text).toContain('@disruptorx/x1')
      expect(text).not.toContain('__')
    }
    expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).description).toBe('Counts "things"')
  })

  it.each(['', 'A', '1a', '../a', 'a_b', 'a--b', '@x/a', 'a-'])('is refused the name %j, and nothing is written', name => {
    const root = empty()
    expect(() => createPackage(root, name)).toThrow(NewPackageError)
    expect(existsSync(join(root, 'packages'))).toBe(false)
  })

  it('is refused the name of another one', () => {
    const root = empty()
    createPackage(root, 'twin')
    expect(() => createPackage(root, 'twin')).toThrow("there is a package 'twin' already")
  })
})
