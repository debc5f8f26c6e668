/** A number as people read it: thousands apart, four digits that matter for small ones. */
function readable(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return Number(value.toPrecision(4)).toString()
}

/** Named numbers as lines of a table, names left and numbers right. */
export function table(results: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(results).map(([name, value]): [string, string] => [name, readable(value)])
  const widths = [0, 1].map(column => Math.max(0, ...rows.map(row => row[column as 0 | 1].length)))
  return rows.map(([name, value]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}`)
}
