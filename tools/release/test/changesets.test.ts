import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratch } from '../../verify/test/scratch.ts'
import { findPackages, listFiles, repository } from '../../verify/workspace.ts'

/** The manifests and changesets of this repository, in a git repository of their own. */
function manifestsOnly(): string {
  const root = scratch({ '.gitignore': 'node_modules\n' })
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', '.changeset']) {
    cpSync(join(repository, file), join(root, file), { recursive: true })
  }
  for (const group of ['packages', 'apps', 'tools']) {
    for (const path of listFiles(join(repository, group), path => /(^|\/)package\.json$/.test(path))) {
      mkdirSync(dirname(join(root, group, path)), { recursive: true })
      cpSync(join(repository, group, path), join(root, group, path))
    }
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root, stdio: 'pipe' })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '.')
  git('commit', '--quiet', '-m', 'start')
  return root
}

describe('changeset version', () => {
  it('raises every published package to one and the same version, with a changelog, and no private one', () => {
    const root = manifestsOnly()
    const before = findPackages(root)
    const bin = join(repository, 'node_modules/@changesets/cli/bin.js')
    execFileSync(process.execPath, [bin, 'version'], { cwd: root, stdio: 'pipe' })
    const after = findPackages(root)
    const versions = new Set(after.map(({ manifest }) => manifest.version))
    expect(after.map(({ folder }) => folder)).toEqual(before.map(({ folder }) => folder))
    expect(versions.size).toBe(1)
    expect(versions).not.toContain(before[0]?.manifest.version)
    for (const { dir, manifest } of after) {
      expect(readFileSync(join(dir, 'CHANGELOG.md'), 'utf8')).toContain(manifest.version)
      for (const range of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
        expect(range).toMatch(/^(workspace:\*|\d+\.\d+\.\d+(-.+)?)$/)
      }
    }
    expect(JSON.parse(readFileSync(join(root, 'tools/node22/package.json'), 'utf8')).version).toBe('0.0.0')
  })
})
