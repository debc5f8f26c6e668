import { resolve } from 'node:path'
import type { CommandContext } from '../cli/context.ts'
import { ExitCode } from '../cli/exit-codes.ts'
import type { SettingValues } from '../config/settings.ts'
import { type Check, checkMachine } from '../doctor/checks.ts'
import { DEFAULT_LIVE_DIR } from './start.ts'

/** `disruptorx doctor`: says whether this machine can run a node, and how well. Exits with 1 when it cannot. */
export async function doctor(settings: SettingValues, context: CommandContext): Promise<ExitCode> {
  const checks = checkMachine(resolve(context.cwd, settings.dataDir ?? DEFAULT_LIVE_DIR))
  const failed = checks.filter(check => check.level === 'fail')
  if (settings.json === true) {
    const verdict = failed.length > 0 ? 'fail' : checks.some(check => check.level === 'warn') ? 'warn' : 'ok'
    context.out.line(JSON.stringify({ verdict, checks: Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest])) }))
  } else {
    for (const check of checks) context.out.line(`${check.level.padEnd(5)}${check.name.padEnd(15)}${check.text}`)
    context.out.line(verdictLine(checks))
  }
  return failed.length > 0 ? ExitCode.failed : ExitCode.done
}

function verdictLine(checks: readonly Check[]): string {
  const named = (level: Check['level']) => checks.filter(check => check.level === level).map(check => check.name)
  const failed = named('fail')
  const warned = named('warn')
  if (failed.length > 0) return `verdict: a node cannot run here (${failed.join(', ')})`
  return warned.length > 0 ? `verdict: a node can run here, with remarks on ${warned.join(', ')}` : 'verdict: a node can run here'
}
