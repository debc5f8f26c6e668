import { expect, it } from 'vitest'
import { scratchPackage } from '../../verify/test/scratch.ts'
import { repository } from '../../verify/workspace.ts'
import { findSlices, minutes, UnknownSliceError } from '../slices.ts'

it('the slices together take at most 20 minutes, and every long test of the repository is in one', () => {
  const total = findSlices(repository).reduce((sum, { budgetMs }) => sum + budgetMs, 0)
  expect(total).toBe(Object.values(minutes).reduce((sum, count) => sum + count * 60_000, 0))
  expect(total).toBeLessThanOrEqual(20 * 60_000)
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
