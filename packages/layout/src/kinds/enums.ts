import { RecordError } from '../errors.ts'
import type { LeafKind } from './kind.ts'

/** So few names are compared one by one. */
const FEW = 8

/** One of some names: its place among them, in one byte. Names are plain ASCII by then, without quotes. */
export function enumKind(names: readonly string[]): LeafKind {
  const codes = new Map(names.map((name, code) => [name, code]))
  const few = names.length <= FEW
  const shown = names.length <= 16 ? names.join(', ') : `${names.slice(0, 16).join(', ')} and ${names.length - 16} more`
  const quoted = names.map(name => `'${name}'`)
  function read(data: DataView, at: number, what: string): string {
    const name = names[data.getUint8(at)]
    if (name === undefined)
      throw new RecordError(`field ${what}`, `holds ${data.getUint8(at)}; its names have the numbers 0 to ${names.length - 1}`)
    return name
  }
  return {
    form: 'leaf',
    text: `enum(${names.join(',')})`,
    size: 1,
    alignment: 1,
    range: `one of ${shown}`,
    accepts: value => codes.has(value as string),
    read,
    write: (data, at, value: string) => data.setUint8(at, codes.get(value) as number),
    ...(few && {
      inline: {
        refuses: value => quoted.map(name => `${value} !== ${name}`).join(' && '),
        write: (data, at, value) => {
          const codeOf = quoted.slice(1).reduceRight((rest, name, i) => `${value} === ${name} ? ${i + 1} : ${rest}`, '0')
          return `${data}.setUint8(${at(0)}, ${codeOf})`
        },
      },
    }),
  }
}
