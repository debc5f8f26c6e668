/** Most characters of a report: a job's log on the web is cut, and what comes first survives. */
const mostCharacters = 12_000

/** Lines from the end, where a run says nothing of a test that failed: it crashed or was killed. */
const lastLines = 60

/** What vitest writes above the errors, after all that tests have printed. */
const heading = /^⎯+ (Failed Suites|Failed Tests|Unhandled Errors|Unhandled Rejection|Unhandled Error|Startup Error)/

/** The line that names a test or a file that failed. */
const failed = /^\s*FAIL\s/

/**
 * What failed in a run of vitest: the names of the failed tests first, then their errors, then vitest's summary, without what passing tests have printed.
 * Where nothing is marked as failed, the end of the output.
 *
 * @param output stdout and stderr of the run, without colours
 */
export function failuresIn(output: string): string {
  const lines = output.trimEnd().split('\n')
  const from = lines.findIndex(line => heading.test(line))
  if (from === -1) return bounded(lines.slice(-lastLines).join('\n'))
  const errors = lines.slice(from)
  const names = [...new Set(errors.filter(line => failed.test(line)).map(line => line.trim()))]
  return bounded([...names, ...errors].join('\n'))
}

/** The beginning and, where something is left out, the very end, which holds the counts. */
function bounded(text: string): string {
  if (text.length <= mostCharacters) return text
  const end = text.slice(-mostCharacters / 10)
  const start = text.slice(0, mostCharacters - end.length)
  return `${start}\n... ${text.length - mostCharacters} characters ...\n${end}`
}
