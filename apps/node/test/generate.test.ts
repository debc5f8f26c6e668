import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { disruptorx, expectRefusal, MAIN } from './support/command.ts'

describe('generate', () => {
  it('writes the same bytes for the same seed and lines, to a file and to standard output', async () => {
    using dir = temporaryDirectory()
    const result = await disruptorx(['generate', 'a.csv', '--seed', '5', '--lines', '3000'], { cwd: dir.path })
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: 'a.csv: 3,000 lines of order flow from seed 5\n' })
    const bytes = readFileSync(dir.join('a.csv'), 'latin1')
    expect(bytes.split('\n')).toHaveLength(3001)
    for (const line of bytes.trimEnd().split('\n')) expect(line).toMatch(/^\d+(\.\d{1,9})?,[123457],\d+,\d+,\d+,-?1$/)
    expect(await disruptorx(['generate', '-', '--seed', '5', '--lines', '3000'])).toEqual({
      exitCode: 0,
      signal: undefined,
      stdout: bytes,
      stderr: '',
      killedAtLine: undefined,
    })
    expect((await disruptorx(['generate', '-', '--seed', '6', '--lines', '3000'])).stdout).not.toBe(bytes)
    expect(readdirSync(dir.path)).toEqual(['a.csv'])
  })

  it('overwrites a file only with --force', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('a.csv'), 'mine')
    expectRefusal(
      await disruptorx(['generate', 'a.csv', '--lines', '5'], { cwd: dir.path }),
      2,
      'a.csv already exists; --force overwrites it',
    )
    expect(readFileSync(dir.join('a.csv'), 'utf8')).toBe('mine')
    expect(await disruptorx(['generate', 'a.csv', '--lines', '5', '--force'], { cwd: dir.path })).toMatchObject({ exitCode: 0 })
    expect(readFileSync(dir.join('a.csv'), 'utf8').split('\n')).toHaveLength(6)
  })

  it('refuses a directory and a place that is not there', async () => {
    using dir = temporaryDirectory()
    mkdirSync(dir.join('folder'))
    expectRefusal(await disruptorx(['generate', 'folder'], { cwd: dir.path }), 2, 'folder is a directory; name a file')
    expectRefusal(
      await disruptorx(['generate', 'none/a.csv'], { cwd: dir.path }),
      1,
      'cannot write none/a.csv: its directory does not exist',
    )
  })

  it('is quiet when its reader has had enough', async () => {
    const line = `"${process.execPath}" "${MAIN}" generate - --lines 300000 | head -1; echo "\${PIPESTATUS[0]}"`
    const result = await runProcess({ command: 'bash', args: ['-c', line] })
    expect(result.stdout).toMatch(/^[\d.]+,1,.*\n0\n$/)
    expect(result.stderr).toBe('')
  })

  it('leaves nothing behind when it is ended in the midst of a file', async () => {
    using dir = temporaryDirectory()
    const args = [
      '-c',
      `"${process.execPath}" "${MAIN}" generate big.csv --lines 500000000 & pid=$!; sleep 0.7; ls; kill -INT $pid; wait $pid; echo $?`,
    ]
    const { stdout } = await runProcess({ command: 'bash', args, cwd: dir.path })
    expect(stdout).toMatch(/^big\.csv\.\d+\.tmp\n130\n$/)
    expect(readdirSync(dir.path)).toEqual([])
  })
})
