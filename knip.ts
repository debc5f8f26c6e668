import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { KnipConfig } from 'knip'

/** Sources that a package's build makes entries of. Its manifest only names what the build made. */
function entriesOf(folder: string): string[] {
  const config = `${folder}/tsup.config.ts`
  return existsSync(config) ? [...readFileSync(config, 'utf8').matchAll(/'(src\/[^']+\.ts)'/g)].map(match => match[1] ?? '') : []
}

const packages = ['packages', 'apps'].flatMap(group => readdirSync(group).map(name => `${group}/${name}`))

const config: KnipConfig = {
  // A type may be exported for the signatures that name it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    // What the launcher starts, it finds by path.
    '.': { project: ['*.ts'], ignoreDependencies: ['node', 'pnpm', 'turbo'] },
    ...Object.fromEntries(
      packages.map(folder => [
        folder,
        {
          entry: [...entriesOf(folder), 'bench/*.ts', 'test/**/*.{ts,mjs}'],
          project: ['{src,test,bench}/**/*.{ts,mjs}'],
          // Tools of the machine, of which a test makes sure before it uses them.
          ignoreBinaries: ['mkfifo', 'script', 'unshare'],
        },
      ]),
    ),
    tools: {
      entry: ['bin/{boot,launcher,guard}.mjs', '{verify,bench,soak,sim,new-package}/main.ts', '**/test/*.{ts,mjs}'],
      ignoreDependencies: ['@arethetypeswrong/cli'],
      project: ['{bin,verify,bench,soak,sim,release,new-package}/**/*.{ts,mjs}'],
    },
    'tools/build': { entry: ['tsup.ts'] },
  },
}

export default config
