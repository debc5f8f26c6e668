import { LayoutMismatchError } from './errors.ts'
import type { LayoutDescription } from './types.ts'

/** How another layout stands to ours: it has the same fields, or only the first of them, or more behind them. */
export type LayoutRelation = 'same' | 'older' | 'newer'

/** What has to be known of a layout to compare it: little enough to be sent, or kept beside data. */
export type LayoutVersion = Pick<LayoutDescription, 'version' | 'description'>

/** Lines of a table, and characters of a line, beyond which it is cut: a description may come from anybody. */
const MOST_LINES = 100
const MOST_WIDTH = 100

/**
 * Compares two layouts of the same records: before data of an earlier run is read, say, or when another node says what it writes.
 *
 * Two layouts go together when the fields of one are the first fields of the other, and the one with more of them has the higher version. Then each reads
 * what the other wrote: see `RecordReader.read`.
 *
 * @throws {LayoutMismatchError} they do not go together; the message shows both, side by side
 */
export function compareLayouts(ours: LayoutVersion, theirs: LayoutVersion): LayoutRelation {
  const [mine, others] = [fieldsOf(ours.description), fieldsOf(theirs.description)]
  const at = mine.findIndex((field, i) => i < others.length && field !== others[i])
  const problem =
    at >= 0
      ? `field ${at + 1} is ${cut(mine[at])} here and ${cut(others[at])} there`
      : versionProblem(ours, theirs, others.length - mine.length)
  if (problem !== undefined) throw new LayoutMismatchError(problem, sideBySide(ours, theirs), ours.description, theirs.description)
  if (mine.length === others.length) return 'same'
  return others.length > mine.length ? 'newer' : 'older'
}

/** What is wrong with the versions of two layouts of which one has `more` fields than the other, or, where that is negative, fewer. */
function versionProblem(ours: LayoutVersion, theirs: LayoutVersion, more: number): string | undefined {
  if (more === 0 || Math.sign(theirs.version - ours.version) === Math.sign(more)) return undefined
  const [longer, shorter] = more > 0 ? [theirs, ours] : [ours, theirs]
  return `the one with more fields has version ${longer.version}, and must have a higher one than the other, which has ${shorter.version}`
}

/** The fields of a description, in order. One that is none comes out as a single odd field. */
function fieldsOf(description: string): string[] {
  const match = /^struct\/1 (.*) size=\d+$/.exec(description)
  // Spaces within braces part the fields of nested structs.
  return splitOutside(match?.[1] ?? description)
}

function splitOutside(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}') depth--
    else if (i === text.length || (text[i] === ' ' && depth === 0)) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  return parts
}

/** A table of both layouts, a field in each line, marked where they differ. */
function sideBySide(ours: LayoutVersion, theirs: LayoutVersion): string {
  const [left, right] = [columnOf('here', ours), columnOf('there', theirs)]
  const width = Math.max(...left.map(({ length }) => length))
  const lines = Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const [mine = '', other = ''] = [left[i], right[i]]
    const mark = i === 0 || mine === other ? ' ' : '|'
    return `  ${mine.padEnd(width)} ${mark} ${other}`.trimEnd()
  })
  return (lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '  ...'] : lines).join('\n')
}

function columnOf(where: string, { version, description }: LayoutVersion): string[] {
  return [`${where}, version ${version}`, ...fieldsOf(description).map(cut)]
}

/** A field as one line of plain characters. */
function cut(field = ''): string {
  const plain = field.replace(/[^ -~]/g, '?')
  return plain.length > MOST_WIDTH ? `${plain.slice(0, MOST_WIDTH - 3)}...` : plain
}
