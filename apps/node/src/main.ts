#!/usr/bin/env node
/**
 * The command `disruptorx`.
 *
 * This file must start, and say what is wrong, on any Node that knows modules: it imports nothing until the version is known to be good.
 */
const OLDEST = [22, 18]
const parts = process.versions.node.split('.').map(Number)
const major = parts[0] as number
const minor = parts[1] as number

if (major < (OLDEST[0] as number) || (major === OLDEST[0] && minor < (OLDEST[1] as number))) {
  console.error(`disruptorx: Node ${process.versions.node} is too old; it needs Node ${OLDEST.join('.')} or newer (${process.execPath})`)
  process.exitCode = 1
} else {
  import('./cli/main.ts').then(
    cli => cli.main(),
    error => {
      console.error(`disruptorx: its installation is not whole (${error.message}); install it again`)
      process.exitCode = 1
    },
  )
}

export {}
