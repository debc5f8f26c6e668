/**
 * The one entry of every npm script: sets the checkout up, then runs the command on the pinned Node.
 *
 * This file must start, and say what is wrong, on any Node that knows modules; everything beside it may expect Node 20.
 */
const oldest = 20
const major = Number(process.versions.node.split('.')[0])

if (major < oldest) {
  console.error(
    `DisruptorX sets itself up with Node ${oldest} or newer; this is Node ${process.versions.node} (${process.execPath}). ` +
      'Install a newer Node from https://nodejs.org and run the same command again.',
  )
  process.exitCode = 1
} else {
  import('./launcher.mjs').then(launcher => launcher.main(process.argv.slice(2)))
}
