import { writeFileSync } from 'node:fs'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { version } from '../src/cli/version.ts'
import { disruptorx, expectRefusal, MAIN } from './support/command.ts'
import { runHere } from './support/in-process.ts'

describe('the command line', () => {
  it('refuses what it does not know, in one line, with a suggestion where one is near', async () => {
    const cases: readonly (readonly [args: string[], message: RegExp])[] = [
      [['replya', 'x'], /unknown command 'replya' \(Did you mean replay\?\)/],
      [['stop'], /unknown command 'stop'/],
      [['help', 'bogus'], /there is no help on that: no such command/],
      [['start', '--rat', '5'], /unknown option '--rat' \(Did you mean --rate\?\)/],
      [['--prot', '5'], /unknown option '--prot' \(Did you mean --port\?\)/],
      [['replay'], /missing required argument 'FILE'/],
      [['replay', 'a', 'b'], /too many arguments/],
      [['start', '--rate'], /option '--rate <n>' argument missing/],
    ]
    for (const [args, message] of cases) expectRefusal(await disruptorx(args), 2, message)
  })

  it('refuses values out of range by name, value and range', async () => {
    const cases: readonly (readonly [args: string[], message: string])[] = [
      [['start', '--rate', '0'], "--rate is '0'; it must be a whole number from 1 to 1,000,000"],
      [['start', '--rate', '1000001'], "--rate is '1000001'; it must be a whole number from 1 to 1,000,000"],
      [['start', '--rate', '1.5'], "--rate is '1.5'; it must be a whole number"],
      [['start', '--port', '65536'], "--port is '65536'; it must be a whole number from 0 to 65,535"],
      [['start', '--port', '-1'], "--port is '-1'"],
      [['start', '--duration', '0'], "--duration is '0'; it must be a number of seconds from 0.1"],
      [['start', '--durability', 'maybe'], "--durability is 'maybe'; it must be one of fsync, interval, none"],
      [['start', '--interval-ms', '0'], "--interval-ms is '0'"],
      [['start', '--seed', '9007199254740992'], "--seed is '9007199254740992'"],
      [['start', '--data-dir', ''], "--data-dir is ''; it must be a directory"],
      [['generate', 'x', '--lines', 'many'], "--lines is 'many'; it must be a whole number from 1"],
      [['replay', 'x', '--progress-lines', '0'], "--progress-lines is '0'"],
    ]
    for (const [args, message] of cases) expectRefusal(await runHere(args), 2, message)
    expectRefusal(await disruptorx(['start', '--rate', '0']), 2, "--rate is '0'")
  })

  it('explains itself and every command', async () => {
    const help = await runHere(['--help'])
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
    for (const word of ['start', 'replay', 'generate', 'doctor', 'Examples', 'Exit codes', 'DISRUPTORX_DATA_DIR'])
      expect(help.stdout).toContain(word)
    for (const command of ['start', 'replay', 'generate', 'doctor']) {
      const own = await runHere([command, '--help'])
      expect(own).toMatchObject({ exitCode: 0, stderr: '' })
      expect(own.stdout).toContain(`Usage: disruptorx ${command}`)
      expect(own.stdout).toContain('Examples:')
      expect((await runHere(['help', command])).stdout).toBe(own.stdout)
    }
  })

  it('tells its version', async () => {
    expect(await disruptorx(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('starts the node when no command is named', async () => {
    using dir = temporaryDirectory()
    const result = await disruptorx(['--port', '0', '--duration', '0.2', '--seed', '3'], { cwd: dir.path })
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stderr).toContain('from seed 3')
  })
})

describe('an old Node', () => {
  const on = (node: string) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`
    return runProcess({ command: process.execPath, args: ['--import', `data:text/javascript,${pretend}`, MAIN, '--version'] })
  }

  it('is told in one line what it takes', async () => {
    for (const node of ['12.22.12', '20.20.2', '22.17.1'])
      expectRefusal(await on(node), 1, `disruptorx: Node ${node} is too old; it needs Node 22.18 or newer`)
  })

  it('is the one before 22.18', async () => {
    for (const node of ['22.18.0', '24.0.0', '26.1.0']) expect(await on(node)).toMatchObject({ exitCode: 0, stderr: '' })
  })
})

describe('settings', () => {
  const short = ['--port', '0', '--duration', '0.2']
  const start = (cwd: string, args: string[], env: Record<string, string> = {}) => disruptorx(['start', ...short, ...args], { cwd, env })

  const refused = (cwd: string, args: string[], env: Record<string, string> = {}) => runHere(['start', ...short, ...args], cwd, env)

  it('come from file, environment and flags, the later winning', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('disruptorx.config.json'), JSON.stringify({ seed: 1, rate: 1001, dataDir: 'a', start: { seed: 2 } }))
    const told = async (args: string[], env: Record<string, string> = {}) =>
      /started: (.*?) events.*seed (\d+) into (\S+),/.exec((await start(dir.path, args, env)).stderr)?.slice(1)
    expect(await told([])).toEqual(['1,001', '2', dir.join('a')])
    expect(await told([], { DISRUPTORX_SEED: '3', DISRUPTORX_DATA_DIR: 'b' })).toEqual(['1,001', '3', dir.join('b')])
    const all = await told(['--seed', '4', '--data-dir', 'c', '--rate', '1002'], { DISRUPTORX_SEED: '3', DISRUPTORX_DATA_DIR: 'b' })
    expect(all).toEqual(['1,002', '4', dir.join('c')])
    writeFileSync(dir.join('named.json'), JSON.stringify({ rate: 1003, dataDir: 'd' }))
    expect(await told(['--config', 'named.json'])).toEqual(['1,003', '1', dir.join('d')])
  })

  it('are refused by name where they are wrong', async () => {
    using dir = temporaryDirectory()
    const config = async (content: string, message: string | RegExp) => {
      writeFileSync(dir.join('disruptorx.config.json'), content)
      expectRefusal(await refused(dir.path, []), 2, message)
    }
    await config('{"prot": 5}', "configuration file disruptorx.config.json: unknown key 'prot'; known are")
    await config('{"start": {"lines": 5}}', "unknown key 'lines' in 'start'; known are")
    await config('{"port": "5"}', "'port' must be a whole number from 0 to 65,535")
    await config('{"start": {"durability": "no"}}', "'start.durability' must be one of fsync, interval, none")
    await config('[]', 'must hold one JSON object')
    await config('{"port": 5', /is not JSON/)
    writeFileSync(dir.join('disruptorx.config.json'), '{}')
    expectRefusal(await refused(dir.path, ['--config', 'none.json']), 2, 'configuration file none.json: it does not exist')
    expectRefusal(await refused(dir.path, [], { DISRUPTORX_RATE: 'fast' }), 2, "DISRUPTORX_RATE is 'fast'; it must be a whole number")
    expectRefusal(await refused(dir.path, [], { DISRUPTORX_JSON: 'yes' }), 2, "DISRUPTORX_JSON is 'yes'; it must be true or false")
  })
})
