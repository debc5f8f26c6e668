import { type Spread, spreadOf } from './statistics.ts'

/** What the project wants to reach, by the names of the results. */
const aims: Readonly<Record<string, string>> = {
  'ratio.spsc.publishEach': '>= 0.8',
  'ratio.spsc.batch10': '>= 0.8',
  'ratio.spsc.batch32': '>= 0.8',
  'ratio.spsc.publisher': '>= 0.7',
  'ratio.messagePort': '>= 10',
  'ratio.messagePort.burst': '>= 30',
  'idleCpuPercent.adaptive': '< 1',
  allocatedBytesPerEvent: '0',
}

/** ARCHITECTURE's measurements of one producer and one consumer over slots of 64 bytes: events per second, with cores near each other and far apart. */
const architecture: Readonly<Record<string, { readonly near: number; readonly far: number }>> = {
  'raw.burst1': { near: 18e6, far: 5e6 },
  'raw.burst10': { near: 145e6, far: 40e6 },
  'raw.burst32': { near: 870e6, far: 45e6 },
}

/** Columns of the main table, which is Markdown, so that a quiet run can be pasted as it is. */
export const heading: readonly string[] = [
  row('figure', 'median', 'least .. most', 'of its raw loop, in pairs', 'aim'),
  `|${'-'.repeat(32)}|${'-'.repeat(15)}:|${'-'.repeat(21)}:|${'-'.repeat(40)}:|${'-'.repeat(7)}:|`,
]

function row(name: string, median: string, spread: string, ratio: string, aim: string): string {
  return `| ${name.padEnd(30)} | ${median.padStart(14)} | ${spread.padStart(20)} | ${ratio.padStart(39)} | ${aim.padStart(6)} |`
}

/** A throughput. */
export function speedRow(
  name: string,
  speed: Spread,
  against?: { readonly raw: string; readonly ratio: Spread; readonly disturbed: number },
): string {
  const ratio = against && `${against.ratio.median.toFixed(2)} (${span(against.ratio, 2)}) of ${against.raw}`
  const aim = against === undefined ? '' : aimOf(`ratio.${name}`)
  return (
    row(name, `${millions(speed.median)} M/s`, `${millions(speed.least)} .. ${millions(speed.most)}`, ratio ?? '', aim) +
    noteOf(against?.disturbed ?? 0)
  )
}

/** Any other figure; its name says the unit. */
export function figureRow(name: string, value: Spread): string {
  const shown = (number: number) => (Math.abs(number) >= 100 ? Math.round(number).toLocaleString('en-US') : number.toFixed(3))
  return row(name, shown(value.median), `${shown(value.least)} .. ${shown(value.most)}`, '', aimOf(name))
}

/** How often one throughput contains another. */
export function timesRow(name: string, ours: string, times: number, theirs: string): string {
  return row(name, `${times.toFixed(1)} times`, '', `${ours} by ${theirs}`, aimOf(name))
}

/** The hand-written loops beside ARCHITECTURE's measurements, and in how many rounds the cores looked near each other: they can move during a run. */
export function floors(measured: ReadonlyMap<string, readonly number[]>): string[] {
  const known = [...measured].flatMap(([name, speeds]) => {
    const table = architecture[name]
    return table === undefined ? [] : [{ name, speeds, ...table, nearRounds: speeds.filter(speed => looksNear(speed, table)).length }]
  })
  if (known.length === 0) return []
  const lines = known.map(({ name, speeds, near, far, nearRounds }) => {
    const { median, least, most } = spreadOf(speeds)
    const run = `${millions(median)} M/s (${millions(least)} .. ${millions(most)})`
    return `| ${name.padEnd(12)} | ${run} | ${millions(near)} M/s | ${millions(far)} M/s | near in ${nearRounds} of ${speeds.length} rounds |`
  })
  const rounds = known.reduce((sum, { speeds }) => sum + speeds.length, 0)
  const nearRounds = known.reduce((sum, one) => sum + one.nearRounds, 0)
  const verdict = nearRounds * 2 >= rounds ? 'near' : 'far'
  return [
    '',
    '| raw loop     | this run (least .. most) | ARCHITECTURE: cores near | cores far | looks |',
    '|--------------|---:|---:|---:|---|',
    ...lines,
    '',
    `The cores of this run look ${verdict}: ${nearRounds} of ${rounds} rounds of the raw loops are nearer to the speed of near cores.`,
  ]
}

/** Raw loops that are so slow that the benchmark itself must be at fault. */
export function floorDefects(measured: ReadonlyMap<string, readonly number[]>): string[] {
  return [...measured].flatMap(([name, speeds]) => {
    const far = architecture[name]?.far ?? 0
    const { median } = spreadOf(speeds)
    return median >= far / 2 ? [] : [`${name} reached ${millions(median)} M/s, less than half of the ${millions(far)} M/s of far cores`]
  })
}

/** Whether a speed is nearer to that of near cores than to that of far ones, by ratios. */
function looksNear(speed: number, { near, far }: { readonly near: number; readonly far: number }): boolean {
  return speed * speed >= near * far
}

/** After the table's end, where Markdown does not show it. */
function noteOf(disturbed: number): string {
  return disturbed === 0 ? '' : ` disturbed by other programs: ${disturbed} of the pairs`
}

function aimOf(name: string): string {
  return aims[name] ?? ''
}

function millions(perSecond: number): string {
  return (perSecond / 1e6).toFixed(perSecond < 1e7 ? 2 : 1)
}

function span({ least, most }: Spread, digits: number): string {
  return `${least.toFixed(digits)} .. ${most.toFixed(digits)}`
}
