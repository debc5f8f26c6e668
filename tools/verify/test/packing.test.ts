import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commonFields } from '../manifests.ts'
import { checkTypesOf, lintTarball, packAll, tarballs } from '../packing.ts'
import { repository } from '../workspace.ts'
import { scratch } from './scratch.ts'

const manifest = (exports: object) =>
  JSON.stringify({ name: '@disruptorx/odd', version: '1.2.3', license: 'Apache-2.0', type: 'module', files: commonFields.files, exports })

/** Packs a package with these exports, of which `index` was built, and `plain` without types. */
async function pack(exports: object) {
  const root = scratch({
    'packages/odd/package.json': manifest(exports),
    'packages/odd/dist/index.js': 'export const one = 1\n',
    'packages/odd/dist/plain.js': 'export const two = 2\n',
    'packages/odd/README.md': '[format](FORMAT.md)\n',
    'packages/odd/FORMAT.md': 'bytes\n',
    'packages/odd/src/index.ts': 'export const one = 1\n',
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

  it('has what was built and the texts that its README links to', async () => {
    const { file } = await pack({ '.': entry('index') })
    const packed = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n').sort()
    const texts = ['package/FORMAT.md', 'package/README.md']
    expect(packed).toEqual([
      ...texts,
      ...['index.d.ts', 'index.js', 'plain.js'].map(name => `package/dist/${name}`),
      'package/package.json',
    ])
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
