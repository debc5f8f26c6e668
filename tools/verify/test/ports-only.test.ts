import { describe, expect, it } from 'vitest'
import { checkPortsOnly } from '../ports-only.ts'
import { repository } from '../workspace.ts'
import { scratchPackage } from './scratch.ts'

const inSource = (source: string, file = 'src/deep/a.ts', path = 'packages/core') =>
  checkPortsOnly(scratchPackage(path, { [file]: source }))

describe('the rule that time, chance and I/O come through ports', () => {
  it('holds in this repository', () => {
    expect(checkPortsOnly(repository)).toEqual([])
  })

  it.each([
    ['const t = Date.now()', 'Date.now'],
    [`const t = Date['now']()`, 'Date.now'],
    ['const { now } = Date', 'Date.now'],
    ['const { now: clock } = Date', 'Date.now'],
    ['const d = new Date()', 'new Date()'],
    ['const d = Date()', 'Date()'],
    ['const t = performance.now()', 'performance'],
    ['const { now } = performance', 'performance'],
    ['const x = Math.random()', 'Math.random'],
    ['const { random } = Math', 'Math.random'],
    ['const f = [Math.random]', 'Math.random'],
    ['setTimeout(() => {}, 1)', 'setTimeout'],
    ['globalThis.setTimeout(() => {}, 1)', 'globalThis.setTimeout'],
    ['setInterval(f, 1); const f = 1', 'setInterval'],
    ['const soon = setImmediate', 'setImmediate'],
    ['const o = { setTimeout }', 'setTimeout'],
    ['const id = crypto.randomUUID()', 'crypto'],
    ['const t = process.hrtime.bigint()', 'process.hrtime'],
    [`const fs = process.getBuiltinModule('fs')`, 'process.getBuiltinModule'],
    [`import { readFileSync } from 'node:fs'`, 'node:fs'],
    [`import type { Stats } from 'node:fs'`, 'node:fs'],
    [`export * from 'node:fs'`, 'node:fs'],
    [`const fs = await import('node:fs')`, 'node:fs'],
  ])('refuses %s', (source, named) => {
    const findings = inSource(`// a line\n${source}`)
    expect(findings.length).toBeGreaterThanOrEqual(1)
    expect(findings[0]?.where).toBe('packages/core/src/deep/a.ts:2')
    expect(findings[0]?.what).toContain(named)
  })

  it.each([
    ['const d = new Date(5); const e = Date.UTC(2020)'],
    ['const x = Math.floor(1.5)'],
    ['class Scheduler { setTimeout() {} }; new Scheduler().setTimeout()'],
    ['interface Clock { performance: number; now(): number }'],
    ['function run(setTimeout: (f: () => void) => void) { setTimeout(() => {}) }'],
    ['function wait(timer: ReturnType<typeof setTimeout>): void {}'],
    ['// Date.now() is not for us, nor is node:fs'],
    [`const text = 'Math.random'`],
  ])('allows %s', source => {
    expect(inSource(source)).toEqual([])
  })

  it('lets port implementations, tests and applications on Node do what they are for', () => {
    const source = `import 'node:fs'; Date.now()`
    expect(inSource(source, 'src/platform/clock.ts')).toEqual([])
    expect(inSource(source, 'test/a.test.ts')).toEqual([])
    expect(inSource(source, 'src/a.ts', 'apps/node')).toEqual([])
    expect(inSource(source, 'src/a.ts', 'apps/exchange')).toHaveLength(2)
  })
})
