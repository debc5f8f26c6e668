import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** Folders with tests of their own: each is a project named after its folder. */
const projects = ['packages', 'apps']
  .flatMap(group => readdirSync(new URL(group, import.meta.url)).map(name => `${group}/${name}`))
  .concat('tools')
  .filter(folder => existsSync(new URL(`${folder}/vitest.config.ts`, import.meta.url)))

/** Long slices run by `npm run soak` only, which names the slice and how long it may take. A time alone changes nothing about `npm test`. */
const soak = process.env.DISRUPTORX_SOAK_SLICE !== undefined

export default defineConfig({
  test: {
    // Many tests start threads and processes of their own: more workers would only make them wait for each other.
    maxWorkers: 2,
    projects: projects.map(folder => ({
      extends: `./${folder}/vitest.config.ts`,
      root: `./${folder}`,
      test: {
        name: folder.slice(folder.indexOf('/') + 1),
        // Processes, not threads: a test that blocks or kills its thread must not take others along.
        pool: 'forks' as const,
        include: soak ? ['**/*.soak.test.ts'] : ['**/*.test.ts'],
        exclude: ['**/node_modules/**', '**/dist/**', ...(soak ? [] : ['**/*.soak.test.ts'])],
        // Long tests end by themselves: only one that hangs meets this.
        testTimeout: soak ? 1_800_000 : 60_000,
        // On a busy machine unpacking a browser and its first page take their time.
        hookTimeout: 240_000,
      },
    })),
  },
})
