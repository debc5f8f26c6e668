import { spawnSync } from 'node:child_process'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { MAIN } from './support/command.ts'
import { writeOrders } from './support/orders.ts'

/** `script` gives a command a terminal. */
const hasScript = process.platform === 'linux' && spawnSync('bash', ['-c', 'script --version']).status === 0
if (!hasScript) console.warn('skipped: tests on a terminal, because the command script is not there')

/** Runs the command on a terminal; `shown` is what that was told, with ^ for its escape character. */
async function onTerminal(command: string, cwd: string) {
  const args = ['-qec', `"${process.execPath}" "${MAIN}" ${command}`, '/dev/null']
  const { stdout, exitCode } = await runProcess({ command: 'script', args, cwd })
  return { shown: stdout.replaceAll('\x1b', '^'), exitCode }
}

describe.skipIf(!hasScript)('on a terminal', () => {
  it('start draws its status over itself, and leaves the cursor visible', async () => {
    using dir = temporaryDirectory()
    const { shown, exitCode } = await onTerminal('start --port 0 --duration 1.2 --rate 2000', dir.path)
    expect(exitCode).toBe(0)
    expect(shown.match(/\^\[\d+A\r\^\[J/g)?.length).toBeGreaterThan(1)
    expect(shown).toContain('resting orders')
    expect(shown.lastIndexOf('^[?25h')).toBeGreaterThan(shown.lastIndexOf('^[?25l'))
    expect(shown).toMatch(/digest [0-9a-f]{16}; the next start goes on from there/)
  })

  it('replay draws a bar', async () => {
    using dir = temporaryDirectory()
    writeOrders(dir.join('orders.csv'), 2, 3000)
    const { shown, exitCode } = await onTerminal('replay orders.csv --rate 5000', dir.path)
    expect(exitCode).toBe(0)
    expect(shown).toMatch(/\r\^\[K\[#+-+\] +\d+ % acknowledged line [\d,]+ of orders\.csv/)
    expect(shown).toContain('100 % acknowledged line 3,000 of orders.csv')
  })
})
