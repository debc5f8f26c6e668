import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ProcessOptions, type ProcessResult, type RunningProcess, runProcess, startProcess } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { SUMMARY_KEYS } from '../../src/view/summary.ts'

/** The built command. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

type CommandOptions = Omit<ProcessOptions, 'command' | 'args'>

/** Settings of whoever runs the tests must not reach the command. */
const noSettings = Object.fromEntries(
  Object.keys(process.env)
    .filter(name => name.startsWith('DISRUPTORX_'))
    .map(name => [name, undefined]),
)

function processOptions(args: readonly string[], options: CommandOptions): ProcessOptions {
  return { timeoutMs: 50_000, ...options, command: process.execPath, args: [MAIN, ...args], env: { ...noSettings, ...options.env } }
}

/** Runs the command to its end, or kills it at a chosen line. */
export function disruptorx(args: readonly string[], options: CommandOptions = {}): Promise<ProcessResult> {
  return runProcess(processOptions(args, options))
}

/** Starts the command. */
export function startDisruptorx(args: readonly string[], options: CommandOptions = {}): RunningProcess {
  return startProcess(processOptions(args, options))
}

/** Expects one line on stderr, nothing on stdout, and an exit code. */
export function expectRefusal(result: ProcessResult, exitCode: number, message: string | RegExp): void {
  expect(result.stderr).toMatch(message)
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(result.stderr).not.toMatch(/\n\s+at /)
  expect(result).toMatchObject({ exitCode, stdout: '' })
}

/** The keys that tell of the book and the source, not of a run's speed. */
export type BookKeys = Omit<Record<(typeof SUMMARY_KEYS)[number], number | string>, 'eventsPerSecond' | 'durableP99Us'>

/** The summary that a replay with `--json` printed, without its two timings. Expects exactly one line with exactly the listed keys. */
export function summaryOf({ stdout, stderr, exitCode }: ProcessResult): BookKeys {
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(stdout.endsWith('\n')).toBe(true)
  expect(stdout.slice(0, -1)).not.toContain('\n')
  const summary = JSON.parse(stdout)
  expect(Object.keys(summary)).toEqual(SUMMARY_KEYS)
  for (const key of SUMMARY_KEYS) if (key !== 'digest') expect({ [key]: Number.isSafeInteger(summary[key]) }).toEqual({ [key]: true })
  const { eventsPerSecond: _, durableP99Us: __, ...book } = summary
  return book
}

/** The number in the last line that matches; undefined without one. */
export function lastNumber(text: string, pattern: RegExp): number | undefined {
  const found = [...text.matchAll(new RegExp(pattern, 'g'))].at(-1)?.[1]
  return found === undefined ? undefined : Number(found.replaceAll(',', ''))
}

/** The last line that stderr calls acknowledged. */
export function acknowledgedLine(stderr: string): number | undefined {
  return lastNumber(stderr, /acknowledged line ([\d,]+)/)
}

/** The line at which stderr says that the replay resumed. */
export function resumedLine(stderr: string): number | undefined {
  return lastNumber(stderr, /resumed at line ([\d,]+)/)
}

/** How many lines a file has. */
export function linesOf(path: string): number {
  return readFileSync(path, 'latin1').trimEnd().split('\n').length
}
