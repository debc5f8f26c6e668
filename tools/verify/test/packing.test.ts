import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkTypesOf, lintTarball, packAll, tarballs } from '../packing.ts'
import { repository } from '../workspace.ts'
import { scratch } from './scratch.ts'

const manifest = (exports: object) =>
  JSON.stringify({ name: '@disruptorx/odd', version: '1.2.3', license: 'Apache-2.0', type: 'module', files: ['dist'], exports })

/** Packs a package with these exports, of which `index` was built, and `plain` without types. */
async function pack(exports: object) {
  const root = scratch({
    'packages/odd/package.json': manifest(exports),
    'packages/odd/dist/index.js': 'export const one = 1\n',
    'packages/odd/dist/plain.js': 'export const two = 2\n',
    'packages/odd/dist/index.d.ts': 'export declare const one: number\n',
    'pnpm-workspace.yaml': 'packages: [packages/*]\npmOnFail: ignore\n',
  })
  const folder = join(root, 'packed')
  expect(await packAll(root, folder)).toEqual([])
  const [tarball] = tarballs(root, folder)
  if (tarball === undefined) throw new Error('nothing was packed')
  return tarball
}

const entry = (name: string) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })

describe('a packed package', () => {
  it('passes publint and are-the-types-wrong when all that it names is there', async () => {
    const tarball = await pack({ '.': entry('index'), './package.json': './package.json' })
    expect(await lintTarball(tarball)).toEqual([])
    expect(await checkTypesOf(repository, tarball)).toEqual([])
  })

  it('is caught by publint when an entry was not packed', async () => {
    const findings = await lintTarball(await pack({ '.': entry('index'), './more': entry('more') }))
    expect(findings.map(({ what }) => what).join()).toContain('./dist/more.js')
  })

  it('is caught by are-the-types-wrong when an entry has no types', async () => {
    const findings = await checkTypesOf(repository, await pack({ '.': './dist/plain.js' }))
    expect(findings).toHaveLength(1)
  })
})
