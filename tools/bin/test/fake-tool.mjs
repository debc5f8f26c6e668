/**
 * Stands in for pnpm, turbo, vitest and the application in a checkout made for a test.
 *
 * Usage: fake-tool.mjs ROLE [arguments]. Notes `ROLE begin PID arguments` and `ROLE end PID` in the checkout's journal. In the phase that
 * FAKE_HANG names it starts a grandchild in a session of its own and stays, deaf to SIGTERM unless it is the application.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [role = '', ...args] = process.argv.slice(2)
const root = process.env.FAKE_ROOT ?? ''
/** @param {string} text */
const note = text => appendFileSync(join(root, 'journal'), `${role} ${text}\n`)

function installModules() {
  const modules = join(root, 'node_modules')
  mkdirSync(join(modules, 'node/bin'), { recursive: true })
  mkdirSync(join(modules, '.bin'), { recursive: true })
  for (const link of ['node/bin/node', '.bin/node']) {
    if (!existsSync(join(modules, link))) symlinkSync(process.execPath, join(modules, link))
  }
  for (const [tool, file] of /** @type {const} */ ([
    ['turbo', 'turbo/bin/turbo'],
    ['test', 'vitest/vitest.mjs'],
  ])) {
    mkdirSync(dirname(join(modules, file)), { recursive: true })
    cpSync(join(root, 'wrappers', tool), join(modules, file))
  }
}

if (role === 'grandchild') {
  note(`begin ${process.pid}`)
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
} else {
  if (role === 'install') {
    const half = join(root, 'node_modules/half')
    if (existsSync(half)) note('found-half')
    mkdirSync(half, { recursive: true })
  }
  note(`begin ${process.pid} ${args.join(' ')}`)
  if (process.env.FAKE_HANG === role) {
    spawn(process.execPath, [process.argv[1] ?? '', 'grandchild'], { detached: true, stdio: 'ignore' })
    process.on('SIGTERM', () => role === 'app' && process.exit(0))
    process.on('disconnect', () => process.exit(0))
    setInterval(() => {}, 1000)
  } else {
    if (role === 'install') installModules()
    if (role === 'install') rmSync(join(root, 'node_modules/half'), { recursive: true })
    if (role === 'app') console.log(JSON.stringify({ args, cwd: process.cwd(), node: process.execPath }))
    else console.log(`output of ${role}`)
    if (process.env.FAKE_SLOW_MS) await new Promise(done => setTimeout(done, Number(process.env.FAKE_SLOW_MS)))
    note(`end ${process.pid}`)
    if (process.env.FAKE_SIGNAL && role === 'app') process.kill(process.pid, process.env.FAKE_SIGNAL)
    process.exitCode = role === (process.env.FAKE_FAIL ?? 'app') ? Number(process.env.FAKE_CODE ?? 0) : 0
  }
}

// Not read by anyone: shows that a tool's standard input is not the user's.
export const input = role === 'install' ? readFileSync(0, 'utf8') : ''
