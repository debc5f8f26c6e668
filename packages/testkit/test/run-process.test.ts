import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ProcessOptions, type ProcessResult, runProcess, startProcess, temporaryDirectory } from '../src/index.ts'

const node = (program: string, options: Partial<ProcessOptions> = {}): ProcessOptions => ({
  command: process.execPath,
  args: ['-e', program],
  ...options,
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A dead process keeps its number, as a zombie, until its parent has asked for it.
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits for something that happens in another process: bounded by the test's own time-out. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

const shell = (script: string, options: Partial<ProcessOptions> = {}): ProcessOptions => ({
  command: 'sh',
  args: ['-c', script],
  ...options,
})

const endless = 'setInterval(() => {}, 1000)'
/** Starts a grandchild that never ends, prints its pid, and goes on. */
const withGrandchild = `const child = require('node:child_process').spawn(process.execPath, ['-e', '${endless}'], { stdio: 'ignore' })
   child.unref(); console.log(child.pid);`

describe('a process that runs to its end', () => {
  it('gives its exit code and both outputs, a last line without an end included', async () => {
    const program = `console.log('one'); console.error('two'); process.stdout.write('three'); process.exitCode = 7`
    const expected: ProcessResult = { exitCode: 7, signal: undefined, stdout: 'one\nthree', stderr: 'two\n', killedAtLine: undefined }
    expect(await runProcess(node(program))).toEqual(expected)
  })

  it('gets its input whole, and an empty one by default', async () => {
    const count = `let n = 0; process.stdin.on('data', d => n += d.length).on('end', () => console.log(n))`
    expect((await runProcess(node(count, { stdin: 'x'.repeat(300_000) }))).stdout).toBe('300000\n')
    expect((await runProcess(node(count, { stdin: new Uint8Array(5) }))).stdout).toBe('5\n')
    expect((await runProcess(node(count))).stdout).toBe('0\n')
  })

  it('gets the environment of the tests with what is added, without what is taken away, and the directory', async () => {
    using dir = temporaryDirectory()
    const program = 'console.log(process.env.ADDED, process.env.HOME, "PATH" in process.env, process.cwd())'
    const { stdout } = await runProcess(node(program, { env: { ADDED: 'yes', HOME: undefined }, cwd: dir.path }))
    expect(stdout).toBe(`yes undefined true ${dir.path}\n`)
  })

  it('gives characters that were cut between two writes whole', async () => {
    const program = `const b = Buffer.from('h\\u00e9\\n'); process.stdout.write(b.subarray(0, 2), () => setTimeout(() => process.stdout.write(b.subarray(2)), 30))`
    expect((await runProcess(node(program))).stdout).toBe('hé\n')
  })
})

describe('a process that is killed at a line', () => {
  const count = `let n = 0; setInterval(() => console.log('line', ++n), 1)`

  it('ends by SIGKILL at exactly that line, and is asked about no later one', async () => {
    const asked: string[] = []
    const result = await runProcess(node(count, { killWhen: line => asked.push(line) === 5 }))
    expect(result).toMatchObject({ exitCode: undefined, signal: 'SIGKILL', killedAtLine: 'line 5' })
    expect(asked).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
  })

  it('is dead to the system when the condition has returned and the line is acted upon', async () => {
    // The program waits for an answer that nobody gives: only the kill can end it, and nothing is written after the line.
    const program = `console.error('ready'); setTimeout(() => { console.log('too late') }, 1000)`
    const result = await runProcess(node(program, { killWhen: (line, stream) => stream === 'stderr' && line === 'ready' }))
    expect(result).toMatchObject({ signal: 'SIGKILL', stdout: '', killedAtLine: 'ready' })
  })

  it('can be sent a gentler signal, and then ends in its own way', async () => {
    const program = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); ${endless}; console.log('ready')`
    const result = await runProcess(node(program, { killWhen: line => line === 'ready', killSignal: 'SIGTERM' }))
    expect(result).toMatchObject({ exitCode: 0, signal: undefined, stdout: 'ready\nbye\n', killedAtLine: 'ready' })
  })

  it('passes on what the condition throws, and leaves nothing running', async () => {
    const running = startProcess(
      node(count, {
        killWhen: () => {
          throw new Error('bad condition')
        },
      }),
    )
    await expect(running.result).rejects.toThrow('bad condition')
    expect(isAlive(running.pid)).toBe(false)
  })
})

describe('a process that misbehaves', () => {
  it('is killed past its time, and its last words are in the error', async () => {
    const running = startProcess(shell('echo last words; sleep 1000', { timeoutMs: 300 }))
    await expect(running.result).rejects.toThrow(/killed after 300 ms[\s\S]*last words/)
    await expect(running.result).rejects.toMatchObject({ code: 'DX_PROCESS_TIMEOUT' })
    expect(isAlive(running.pid)).toBe(false)
  })

  it('is killed past its bound of output, and not at it', async () => {
    const write = (bytes: number) => node(`process.stdout.write('x'.repeat(${bytes}))`, { maxOutputBytes: 1_000 })
    expect((await runProcess(write(1_000))).stdout).toHaveLength(1_000)
    await expect(runProcess(write(1_001))).rejects.toMatchObject({ code: 'DX_PROCESS_OUTPUT' })
  })

  it('is an error at once when there is no such program, and when an option is wrong', async () => {
    await expect(runProcess({ command: '/no/such/program' })).rejects.toMatchObject({ code: 'DX_PROCESS_START' })
    await expect(runProcess(node('', { timeoutMs: 0 }))).rejects.toMatchObject({ code: 'DX_OPTION' })
  })
})

describe('what a process leaves behind', () => {
  it('is killed when the process has exited', async () => {
    const { stdout } = await runProcess(shell('sleep 1000 & echo $!'))
    await until(() => !isAlive(Number(stdout)))
  })

  it('is waited for until it closes the output, where that is asked for', async () => {
    const leave = (seconds: number) => shell(`sleep ${seconds} & echo left`, { survivors: 'wait', timeoutMs: 500 })
    await expect(runProcess(leave(1000))).rejects.toMatchObject({ code: 'DX_PROCESS_TIMEOUT' })
    expect((await runProcess(leave(0.01))).stdout).toBe('left\n')
  })

  it('dies with the tests, even when those are killed by SIGKILL', async () => {
    const program = `import('@disruptorx/testkit').then(({ startProcess }) => {
      const running = startProcess({ command: process.execPath, args: ['-e', ${JSON.stringify(`${withGrandchild} ${endless}`)}] })
      running.waitForLine(() => true).then(line => console.log(running.pid, line))
    })`
    // `wait`: the children are in a group of their own, so that this helper's own clean-up cannot be what kills them.
    const killed = await runProcess(
      node(program, { cwd: import.meta.dirname, killWhen: line => /^\d+ \d+$/.test(line), survivors: 'wait' }),
    )
    expect(killed.signal).toBe('SIGKILL')
    const pids = killed.stdout.trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    await until(() => !pids.some(isAlive))
  })
})

describe('a process that is watched while it runs', () => {
  it('gives lines that are past and lines to come, and takes signals', async () => {
    await using running = startProcess(node(`process.on('SIGTERM', () => process.exit(4)); console.log('up'); ${endless}`))
    expect(await running.waitForLine(line => line === 'up')).toBe('up')
    expect(await running.waitForLine((line, stream) => line.length > 0 && stream === 'stdout')).toBe('up')
    expect(running.kill('SIGTERM')).toBe(true)
    expect((await running.result).exitCode).toBe(4)
    expect(running.kill()).toBe(false)
  })

  it('says so when it ends without the line', async () => {
    await using running = startProcess(node(`console.log('other')`))
    await expect(running.waitForLine(line => line === 'never')).rejects.toThrow(/ended without the line[\s\S]*other/)
  })

  it('is dead after it has been disposed of', async () => {
    const running = startProcess(node(endless))
    await running[Symbol.asyncDispose]()
    expect(isAlive(running.pid)).toBe(false)
  })
})
