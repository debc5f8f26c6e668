import type { Spread } from '../../../core/bench/ring/statistics.ts'

/** One figure, and what its value says. */
export interface Figure {
  readonly name: string
  readonly value: Spread
  readonly note?: string
}

/** What the project wants to reach, by the names of the results. */
const aims: Readonly<Record<string, string>> = {
  'append64.recordsPerSecond': '> 1 M',
  'ratio.append1K': '>= 0.9',
  'ratio.single': '<= 1.2',
  'ratio.logs100': '>= 0.8',
  'recover.bytesPerSecond': '>= 1 G',
  'open10G.ms': '< 1,000',
}

/** The beginning of the table, which is Markdown, so that a quiet run can be pasted as it is. */
export const heading: readonly string[] = [
  line('figure', 'median', 'least .. most', 'aim', 'what'),
  `|${'-'.repeat(32)}|${'-'.repeat(15)}:|${'-'.repeat(26)}:|${'-'.repeat(9)}:|---|`,
]

/** A line of the table. */
export function row({ name, value: { median, least, most }, note = '' }: Figure): string {
  return line(name, shown(median), `${shown(least)} .. ${shown(most)}`, aims[name] ?? '', note)
}

function line(name: string, median: string, spread: string, aim: string, note: string): string {
  return `| ${name.padEnd(30)} | ${median.padStart(14)} | ${spread.padStart(25)} | ${aim.padStart(8)} | ${note} |`
}

function shown(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
