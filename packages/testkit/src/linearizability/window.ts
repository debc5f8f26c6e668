import type { SequentialModel } from './model.ts'
import type { Operation } from './operation.ts'

/** What a picture shows. */
export interface BadWindow<Input, Output> {
  readonly part: string | undefined
  readonly operation: Operation<Input, Output>
  readonly window: readonly Operation<Input, Output>[]
  readonly states: readonly string[]
  readonly order: readonly Operation<Input, Output>[]
}

/** A picture has no more rows, and names no more operations that came before. */
const MOST_ROWS = 40
const MOST_BEFORE = 8
/** How many characters the bars share. */
const BAR_WIDTH = 60
/** So many characters an operation, a state or a name has at most. */
const MOST_TEXT = 80
/** Of those, so many are its end: values often differ there. */
const TAIL = 24
const LEGEND = '  [ called  ] returned  < called earlier  > returned later, or never'

/**
 * Draws the operations of a window as bars over time:
 *
 * ```
 * register: nothing explains read() -> 1
 * when it was called, the state was 2
 * the longest order that fits until its return ends with: write(1), write(2)
 *   client 3  <=====>  write(3)
 *   client 7   [===]   read() -> 1   <-- fits nowhere
 *   [ called  ] returned  < called earlier  > returned later, or never
 * ```
 */
export function drawWindow<State, Input, Output>(model: SequentialModel<State, Input, Output>, bad: BadWindow<Input, Output>): string {
  const { part, operation, window, states, order } = bad
  const say = ({ input, output }: Operation<Input, Output>) => shorten(model.describe(input, output))
  const rows = [...window].sort((a, b) => a.calledAt - b.calledAt)
  const shown = rows.slice(0, MOST_ROWS)
  if (!shown.includes(operation)) shown.push(operation)
  const who = shown.map(({ client }) => shorten(`client ${client}`))
  const widest = Math.max(...who.map(name => name.length))
  const column = columns(shown, operation)
  const lines = shown.map((row, index) => {
    const mark = row === operation ? '   <-- fits nowhere' : ''
    return `  ${(who[index] as string).padEnd(widest)}  ${bar(row, operation, column)}  ${say(row)}${mark}`
  })
  if (rows.length > shown.length) lines.push(`  and ${rows.length - shown.length} more that overlap it`)
  const before = order.slice(-MOST_BEFORE).map(say).join(', ')
  return [
    `${model.name}${part === undefined ? '' : ` ${shorten(part)}`}: nothing explains ${say(operation)}`,
    `when it was called, the state was ${states.map(key => shorten(key) || "''").join(' or ')}`,
    before === ''
      ? 'nothing else had to take effect until its return'
      : `the longest order that fits until its return ends with: ${before}`,
    ...lines,
    LEGEND,
  ].join('\n')
}

/** A text in one line, without its middle if it is long. */
function shorten(text: string): string {
  const line = String(text).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
  if (line.length <= MOST_TEXT) return line
  return `${line.slice(0, MOST_TEXT - TAIL - 1)}…${line.slice(-TAIL)}`.toWellFormed()
}

/** Which column a moment of the window has: moments are spread evenly, as only their order matters. */
function columns(rows: readonly Operation<unknown, unknown>[], { calledAt, returnedAt }: Operation<unknown, unknown>): Map<number, number> {
  const all = rows.flatMap(row => [row.calledAt, row.returnedAt]).filter(moment => moment >= calledAt && moment <= returnedAt)
  const moments = [...new Set(all)].sort((a, b) => a - b)
  const step = Math.max(1, Math.min(4, Math.floor(BAR_WIDTH / moments.length)))
  return new Map(moments.map((moment, index) => [moment, 1 + index * step]))
}

/** `[==]`, with `<` and `>` in place of brackets where the operation began earlier or ended later. */
function bar(row: Operation<unknown, unknown>, { calledAt, returnedAt }: Operation<unknown, unknown>, column: Map<number, number>): string {
  const end = Math.max(...column.values())
  const from = row.calledAt < calledAt ? 0 : (column.get(row.calledAt) as number)
  const to = row.returnedAt > returnedAt ? end + 1 : (column.get(row.returnedAt) as number)
  const [left, right] = [row.calledAt < calledAt ? '<' : '[', row.returnedAt > returnedAt ? '>' : ']']
  return `${' '.repeat(from)}${left}${'='.repeat(Math.max(0, to - from - 1))}${right}`.padEnd(end + 2)
}
