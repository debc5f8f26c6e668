import { describe, expect, it } from 'vitest'
import { checkManifests, commonFields, commonFiles } from '../manifests.ts'
import { checkReadmes, exampleOf } from '../readmes.ts'
import { checkSizes } from '../size-limits.ts'
import { scratch, scratchPackage } from './scratch.ts'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `const x${index} = ${index}`).join('\n')
const body = (count: number) => `export function long() {\n${lines(count - 2)}\n}\n`

describe('the length rules', () => {
  it('allow a function of 70 lines and a file of 300', () => {
    const files = { 'src/a.ts': body(70), 'src/b.ts': lines(300), 'test/c.test.ts': lines(400) }
    expect(checkSizes(scratchPackage('packages/core', files))).toEqual([])
  })

  it('refuse one line more', () => {
    const files = { 'src/a.ts': body(71), 'src/b.ts': lines(301), 'test/c.test.ts': lines(401) }
    expect(checkSizes(scratchPackage('packages/core', files))).toEqual([
      { where: 'packages/core/src/a.ts:1', what: 'long has 71 lines; at most 70' },
      { where: 'packages/core/src/b.ts', what: 'has 301 lines; at most 300' },
      { where: 'packages/core/test/c.test.ts', what: 'has 401 lines; at most 400' },
    ])
  })

  it('count methods and arrow functions, without their doc comments, and tools as well', () => {
    const comment = `/**\n${' * word\n'.repeat(5)} */\n`
    const files = {
      'tools/x/a.ts': `class A {\n${comment}  run() {\n${lines(69)}\n}\n}`,
      'tools/x/b.mjs': `const f = () => {\n${lines(68)}\n}`,
    }
    expect(checkSizes(scratch(files))).toEqual([{ where: 'tools/x/a.ts:9', what: 'run has 71 lines; at most 70' }])
  })
})

describe('the manifest rules', () => {
  const manifest = (name: string, more: object = {}) =>
    JSON.stringify({
      ...commonFields,
      name: `@disruptorx/${name}`,
      version: '1.0.0',
      description: name,
      exports: { './package.json': './p' },
      ...more,
    })
  const files = (name: string, more?: object) => ({
    [`packages/${name}/package.json`]: manifest(name, more),
    ...Object.fromEntries(Object.entries(commonFiles(name)).map(([file, text]) => [`packages/${name}/${file}`, text])),
  })
  const check = (more: object) => checkManifests(scratch({ ...files('a'), ...files('b', more) })).map(({ what }) => what)

  it('accept packages that differ only where they must', () => {
    expect(check({ dependencies: { ws: '8.23.0', '@disruptorx/a': 'workspace:*' } })).toEqual([])
  })

  it.each([
    [{ version: '1.0.1' }, 'has version 1.0.1, others have 1.0.0'],
    [{ license: 'MIT' }, 'license is "MIT"'],
    [{ engines: { node: '>=20' } }, 'engines is'],
    [{ scripts: { build: 'tsup' } }, 'scripts lacks "typecheck"'],
    [{ private: true }, 'is private'],
    [{ name: 'b' }, 'is named b'],
    [{ description: '' }, 'has no description'],
    [{ exports: {} }, 'exports lack ./package.json'],
    [{ exports: { './package.json': './p', '.': { default: './d', types: './t' } } }, 'must be types'],
    [{ dependencies: { ws: '^8.0.0' } }, 'versions are exact'],
    [{ dependencies: { '@disruptorx/a': '1.0.0' } }, 'siblings are workspace:*'],
  ])('refuse %j', (more, what) => {
    expect(check(more)).toEqual([expect.stringContaining(what)])
  })

  it('refuse two versions of one dependency, and a configuration file of its own', () => {
    const root = scratch({
      ...files('a', { dependencies: { ws: '8.0.0' } }),
      ...files('b', { dependencies: { ws: '8.0.1' } }),
      'packages/b/tsconfig.json': '{}',
    })
    expect(checkManifests(root)).toEqual([
      { where: 'packages/b/package.json', what: 'has ws 8.0.1, but packages/a/package.json has 8.0.0' },
      { where: 'packages/b/tsconfig.json', what: 'differs from that of other packages' },
    ])
  })
})

describe('the README rules', () => {
  const check = (text: string) => checkReadmes(scratchPackage('packages/core', { 'README.md': text })).map(({ what }) => what)

  it('accept an install line and an example', () => {
    expect(check('npm install @disruptorx/core\n```ts\nlet a = 1\n```\n')).toEqual([])
  })

  it('refuse a README without them, and a package without a README', () => {
    expect(check('# core')).toEqual(['does not say `npm install @disruptorx/core`', 'has no ts or js code block'])
    expect(checkReadmes(scratchPackage('packages/core', {}))).toEqual([{ where: 'packages/core/README.md', what: 'is missing' }])
  })

  it('refuse a link to what is not packed, in any text of the package', () => {
    const readme = 'npm install @disruptorx/core\n```ts\nlet a = [](no/link)\n```\n'
    const links =
      '[a](FORMAT.md) [b](./FORMAT.md#c) [d](#e) [f](https://g.h/i) `[](no/link)` [`j`](src/k.ts) [l](GONE.md)\n\n[m]: ../n/README.md\n'
    const files = { 'README.md': readme + links, 'FORMAT.md': '[o](../p/FORMAT.md)', 'src/k.ts': '', 'docs/FORMAT.md': '[q](r)' }
    const refused = (where: string, link: string) => ({
      where: `packages/core/${where}`,
      what: `links to ${link}, which is not packed: link to *.md at the package's top, or name the place`,
    })
    expect(checkReadmes(scratchPackage('packages/core', files))).toEqual([
      refused('FORMAT.md', '../p/FORMAT.md'),
      refused('README.md', 'src/k.ts'),
      refused('README.md', 'GONE.md'),
      refused('README.md', '../n/README.md'),
    ])
  })

  it('take the first block in our language', () => {
    expect(exampleOf('```sh\nls\n```\n```js\na()\nb()\n```\n```ts\nc()\n```\n')).toEqual({ language: 'js', code: 'a()\nb()\n' })
  })
})
