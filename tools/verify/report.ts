import { type Check, describeFinding, type Finding } from './check.ts'

/** The chosen checks and, before them, those that they need; all of them if none is chosen. */
function chosen(checks: readonly Check[], only: readonly string[] | undefined): Check[] {
  if (only === undefined) return [...checks]
  const names = new Set<string>()
  const add = (name: string) => {
    if (names.has(name)) return
    names.add(name)
    for (const needed of checks.find(check => check.name === name)?.needs ?? []) add(needed)
  }
  for (const name of only) add(name)
  return checks.filter(({ name }) => names.has(name))
}

async function findingsOf(check: Check): Promise<readonly Finding[]> {
  try {
    return await check.run()
  } catch (error) {
    return [{ where: check.name, what: error instanceof Error ? (error.stack ?? error.message) : String(error) }]
  }
}

/**
 * Runs checks in order and prints a line for each: `pass`, `FAIL` with its findings below, or `skip` when what it needs has failed.
 *
 * @param only names of the checks to run, with what they need; all without it
 * @returns whether every check passed
 */
export async function report(
  checks: readonly Check[],
  only: readonly string[] | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  const failed = new Set<string>()
  const wanted = chosen(checks, only)
  for (const check of wanted) {
    const missing = check.needs?.find(name => failed.has(name))
    if (missing !== undefined) {
      failed.add(check.name)
      print(`skip  ${check.name} (needs ${missing})`)
      continue
    }
    const start = performance.now()
    const findings = await findingsOf(check)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (findings.length > 0) failed.add(check.name)
    print(`${findings.length > 0 ? 'FAIL' : 'pass'}  ${check.name} (${seconds} s)`)
    for (const finding of findings) print(`      ${describeFinding(finding).replaceAll('\n', '\n        ')}`)
  }
  print(failed.size === 0 ? `all ${wanted.length} checks passed` : `${failed.size} of ${wanted.length} checks failed`)
  return failed.size === 0
}
