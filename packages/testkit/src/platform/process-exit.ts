const leftovers = new Set<() => void>()
let listening = false

/** Wraps the release of a resource: it happens at the first call of the result, or when the process exits without one. */
export function onceOrAtExit(release: () => void): () => void {
  if (!listening) process.on('exit', releaseAll)
  listening = true
  const run = () => {
    if (leftovers.delete(run)) release()
  }
  leftovers.add(run)
  return run
}

function releaseAll(): void {
  for (const run of [...leftovers]) {
    try {
      run()
    } catch {
      // The others still have to be released, and there is nobody left to tell.
    }
  }
}
