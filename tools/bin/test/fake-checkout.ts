import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const bin = resolve(import.meta.dirname, '..')

/** What a launcher or npm did. */
export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A running launcher or npm. */
export interface Running {
  readonly process: ChildProcess
  readonly outcome: Promise<Outcome>
  /** What it wrote to stderr so far. */
  stderr(): string
}

/** A checkout with the real launcher and stand-ins for all that it starts. */
export class FakeCheckout {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'launcher-')))

  constructor() {
    const root = this.root
    cpSync(bin, join(root, 'tools/bin'), { recursive: true, filter: source => !source.includes('/test') })
    for (const dir of ['packages', 'apps/node/dist', 'wrappers', '.boot/pnpm-0.0.1/node_modules/.bin', 'somewhere']) {
      mkdirSync(join(root, dir), { recursive: true })
    }
    const script = (command: string) => `exec node tools/bin/boot.mjs ${command}`
    const manifest = { private: true, packageManager: 'pnpm@0.0.1', scripts: { start: script('start'), test: script('test') } }
    writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(root, 'pnpm-lock.yaml'), 'first')
    writeFileSync(join(root, 'tools/package.json'), '{}')
    cpSync(join(import.meta.dirname, 'fake-tool.mjs'), join(root, 'fake-tool.mjs'))
    const wrapper = (role: string) =>
      `#!${process.execPath}\nprocess.argv.splice(1, 1, ${JSON.stringify(join(root, 'fake-tool.mjs'))}, '${role}')\nimport(process.argv[1])\n`
    writeFileSync(join(root, 'wrappers/turbo'), wrapper('build'))
    writeFileSync(join(root, 'wrappers/test'), wrapper('test'))
    writeFileSync(join(root, 'apps/node/dist/main.js'), wrapper('app'))
    writeFileSync(join(root, '.boot/pnpm-0.0.1/node_modules/.bin/pnpm'), wrapper('install'))
    chmodSync(join(root, '.boot/pnpm-0.0.1/node_modules/.bin/pnpm'), 0o755)
  }

  /** Lines that the stand-ins noted. */
  get journal(): string[] {
    const file = join(this.root, 'journal')
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  }

  /** How often a stand-in was started. */
  count(role: string): number {
    return this.journal.filter(line => line.startsWith(`${role} begin`)).length
  }

  /** Process id of the latest stand-in of that role, once it runs. */
  async pidOf(role: string): Promise<number> {
    await until(() => this.count(role) > 0, `${role} to start`)
    return Number(this.journal.findLast(line => line.startsWith(`${role} begin`))?.split(' ')[2])
  }

  /** Processes whose command line names this checkout, other than those that only wait for their parent to notice their end. */
  get living(): number[] {
    return this.pidsOf('')
  }

  /** Those of them that run a certain file. */
  pidsOf(file: string): number[] {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    return pids.map(Number).filter(pid => commandLine(pid).includes(this.root) && commandLine(pid).includes(file))
  }

  forget(): void {
    rmSync(join(this.root, 'journal'), { force: true })
  }

  /** Starts the launcher itself. */
  launch(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = this.root): Running {
    return this.#spawn(process.execPath, [join(this.root, 'tools/bin/boot.mjs'), ...args], env, cwd)
  }

  /** Starts npm, as a user does; with `group`, in a process group of its own, as a terminal does. */
  npm(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = this.root, group = false): Running {
    return this.#spawn('npm', args, env, cwd, group)
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string, detached = false): Running {
    const child = spawn(command, args, {
      cwd,
      detached,
      env: { ...process.env, INIT_CWD: undefined, FAKE_ROOT: this.root, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', chunk => {
      stdout += chunk
    })
    child.stderr?.on('data', chunk => {
      stderr += chunk
    })
    const outcome = new Promise<Outcome>(done => {
      child.once('close', (code, signal) => done({ code, signal, stdout, stderr }))
    })
    return { process: child, outcome, stderr: () => stderr }
  }
}

/** Command line of a process; of npm, which names only its script, the directory as well. Empty for one that has ended. */
function commandLine(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return text.startsWith('npm ') ? `${text} ${readlinkSync(`/proc/${pid}/cwd`)}` : text
  } catch {
    return ''
  }
}

/** Waits for a condition that must come true. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 20 s for ${what}`)
    await new Promise(done => setTimeout(done, 20))
  }
}
