import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratchPackage } from '../../verify/test/scratch.ts'
import { repository } from '../../verify/workspace.ts'
import { findSlices, limitOf, minutes, SoakLimitError, UnknownSliceError } from '../slices.ts'

it('the slices together take at most 20 minutes, and every long test of the repository is in one', () => {
  const slices = findSlices(repository)
  const total = slices.reduce((sum, { budgetMs }) => sum + budgetMs, 0)
  expect(total).toBe(Object.values(minutes).reduce((sum, count) => sum + count * 60_000, 0))
  expect(total).toBeLessThanOrEqual(20 * 60_000)
  for (const { name, files } of slices) expect(files, name).not.toEqual([])
})

it('finds the tests of a slice by their name and shortens slices on request', () => {
  const root = scratchPackage('packages/a', { 'test/ring.soak.test.ts': '', 'test/ring-mpsc.soak.test.ts': '', 'test/ring.test.ts': '' })
  const ring = findSlices(root, 1000).find(({ name }) => name === 'ring')
  expect(ring).toEqual({
    name: 'ring',
    budgetMs: 1000,
    files: ['packages/a/test/ring-mpsc.soak.test.ts', 'packages/a/test/ring.soak.test.ts'],
  })
})

it('refuses a long test that belongs to no slice', () => {
  expect(() => findSlices(scratchPackage('packages/a', { 'test/rings.soak.test.ts': '' }))).toThrow(UnknownSliceError)
})

it.each(['3min', '', ' ', 'NaN', '0', '-5'])('refuses to shorten slices to %j', text => {
  expect(() => limitOf(text)).toThrow(SoakLimitError)
  expect(() => limitOf(text)).toThrow(`DISRUPTORX_SOAK_MS is '${text}'; it must be milliseconds`)
})

it('takes a time from a fraction of a millisecond on', () => {
  expect(['0.5', '180000', '1e4'].map(limitOf)).toEqual([0.5, 180_000, 10_000])
})

it.each([
  ['3min', [], 2, "soak: DISRUPTORX_SOAK_MS is '3min'"],
  ['1000', ['rings'], 2, "soak: unknown slice 'rings'; slices are disks,"],
  ['1000', ['--help'], 0, 'usage: npm run soak'],
] as const)('npm run soak with a time of %s and %j runs nothing', (text, args, code, message) => {
  const env = { ...process.env, DISRUPTORX_SOAK_MS: text }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(repository, 'tools/soak/main.ts'), ...args], {
    encoding: 'utf8',
    env,
  })
  expect([status, `${stdout}${stderr}`]).toEqual([code, expect.stringContaining(message)])
})
