import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

/**
 * Runs beside the tests. It is told which process groups are alive; when its input ends, which happens even when the test process is
 * killed with -9, it kills what is left of them.
 */
const PROGRAM = `
const groups = new Set()
let text = ''
const end = () => {
  for (const group of groups) try { process.kill(-group, 'SIGKILL') } catch {}
  process.exit()
}
process.stdin.setEncoding('utf8').on('data', data => {
  const lines = (text + data).split('\\n')
  text = lines.pop()
  for (const line of lines) groups[line[0] === '+' ? 'add' : 'delete'](Number(line.slice(1)))
}).on('end', end).on('error', end)
`

let input: Writable | undefined

function guardian(): Writable {
  if (input !== undefined) return input
  // A group of its own, so that a Ctrl-C meant for the tests does not end it first.
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} })
  child.unref()
  child.once('exit', () => {
    if (input === child.stdin) input = undefined
  })
  child.stdin.on('error', () => {})
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  input = child.stdin
  return input
}

/** Makes a process group die with this process, however this process ends. The result lets it go. */
export function guard(group: number): () => void {
  guardian().write(`+${group}\n`)
  return () => guardian().write(`-${group}\n`)
}
