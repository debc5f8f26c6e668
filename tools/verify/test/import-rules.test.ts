import { describe, expect, it } from 'vitest'
import { allowedImports, checkImports } from '../import-rules.ts'
import { repository } from '../workspace.ts'
import { scratch, scratchPackage } from './scratch.ts'

const inCore = (source: string) => checkImports(scratchPackage('packages/core', { 'src/ring/a.ts': source }))

describe('the import rules', () => {
  it('hold in this repository', () => {
    expect(checkImports(repository)).toEqual([])
  })

  it.each([
    [`import { openLog } from '@disruptorx/wal'`],
    [`import type { Log } from '@disruptorx/wal'`],
    [`export { openLog } from '@disruptorx/wal/sqlite'`],
    [`export * from '@disruptorx/wal'`],
    [`const wal = await import('@disruptorx/wal')`],
    [`type Log = import('@disruptorx/wal').Log`],
    [`import wal = require('@disruptorx/wal')`],
    [`const path = import.meta.resolve('@disruptorx/wal')`],
    [`import { createNode } from 'disruptorx'`],
    [`import '@disruptorx/testkit'`],
  ])('refuse an arrow that points up: %s', source => {
    const findings = inCore(`// first line\n${source}\n`)
    expect(findings).toHaveLength(1)
    expect(findings[0]?.where).toBe('packages/core/src/ring/a.ts:2')
    expect(findings[0]?.what).toContain('core may import only: contracts, wait-strategies, layout')
  })

  it.each([
    [`import { struct } from '@disruptorx/layout'`],
    [`import { wholeNumber } from '@disruptorx/contracts/internal'`],
    [`import { hash } from 'xxhash-wasm'`],
    [`import { b } from '../b.ts'`],
    [`import manifest from '../../package.json' with { type: 'json' }`],
    [`// import '@disruptorx/wal'`],
    [`const text = "import '@disruptorx/wal'"`],
  ])('allow %s', source => {
    expect(inCore(source)).toEqual([])
  })

  it('refuse a way around by path', () => {
    expect(inCore(`import { openLog } from '../../../wal/src/index.ts'`)[0]?.what).toContain('outside its src folder')
  })

  it('refuse a package that imports itself by name', () => {
    expect(inCore(`import { struct } from '@disruptorx/core'`)[0]?.what).toContain('its own package')
  })

  it('leave tests and benchmarks alone', () => {
    const source = `import '@disruptorx/wal'`
    expect(checkImports(scratchPackage('packages/core', { 'test/a.test.ts': source, 'bench/a.ts': source }))).toEqual([])
  })

  it('refuse a package that has no place in the layers', () => {
    expect(checkImports(scratch({ 'packages/odd/package.json': '{}' }))).toEqual([
      { where: 'packages/odd', what: 'has no place in tools/verify/layers.json' },
    ])
  })

  it('let a package of the upper layers use all below it, the test tools aside', () => {
    expect(allowedImports('cluster')).toEqual(expect.arrayContaining(['contracts', 'raft', 'client']))
    expect(allowedImports('cluster')).not.toContain('testkit')
    expect(allowedImports('cluster')).not.toContain('bus')
    expect(allowedImports('exchange')).toEqual(['disruptorx'])
  })
})
