import type { Codec } from '@disruptorx/contracts'
import { DisruptorError } from '@disruptorx/contracts'
import type { TypeDescription } from './type-description.ts'

/** Where two ends do not agree on a type. */
export type TypeDifference =
  /** They have it, and here it is not registered: what they send cannot be read. */
  | { readonly kind: 'missing-here'; readonly type: number; readonly there: TypeDescription }
  /** They do not have it: what is sent to them cannot be read. */
  | { readonly kind: 'missing-there'; readonly type: number; readonly here: TypeDescription }
  /** Both have it, and their bytes cannot be read here. */
  | {
      readonly kind: 'different'
      readonly type: number
      readonly here: TypeDescription
      readonly there: TypeDescription
      readonly reason: string
    }

/** What stands before the colon of a codec's name: what follows it tells schemas apart. */
const formatOf = (codec: string) => codec.split(':', 1)[0]

/** Why a codec cannot read what the other end writes for the same type; `undefined` when it can. */
export function refusalOf(codec: Codec<unknown>, there: TypeDescription): string | undefined {
  const { name, schema } = codec
  if (formatOf(name) !== formatOf(there.codec)) return 'the formats are different'
  const isEqual = name === there.codec && schema?.hash === there.schema?.hash
  // 32 bits are no proof: a codec that can compare texts is asked where they differ.
  if (isEqual && (codec.refusal === undefined || schema?.text === there.schema?.text)) return undefined
  if ((schema === undefined) !== (there.schema === undefined)) return 'only one end says what the bytes mean'
  if (there.schema === undefined || codec.refusal === undefined) return 'the schemas are different'
  return codec.refusal(there.schema)
}

const MOST_SHOWN = 10
const MOST_TEXT = 400
const MOST_REASON = 4000

/** What the other end sent, fit for a log: on one line, and no longer than that. */
function shown({ codec, schema }: TypeDescription): string {
  const text = schema === undefined ? codec : `${codec} version ${schema.version}: ${schema.text}`
  const line = text.slice(0, MOST_TEXT).replace(/[\p{C}\p{Z}]+/gu, ' ')
  return text.length > MOST_TEXT ? `${line} ...` : line
}

function paragraph(difference: TypeDifference): string {
  const { kind, type } = difference
  if (kind === 'missing-here') return `type ${type} is missing here; there it is ${shown(difference.there)}`
  if (kind === 'missing-there') return `type ${type} is missing there; here it is ${shown(difference.here)}`
  const reason = difference.reason.slice(0, MOST_REASON)
  // A reason of several lines shows both schemas itself.
  const schemas = reason.includes('\n') ? '' : `\nhere:  ${shown(difference.here)}\nthere: ${shown(difference.there)}`
  return `type ${type} cannot be read: ${reason}${schemas}`.replaceAll('\n', '\n    ')
}

/** Two ends do not agree on their types. Code `DX_CODEC_MISMATCH`; the message shows the first ten differences, the two schemas side by side. */
export class TypeMismatchError extends DisruptorError {
  constructor(differences: readonly TypeDifference[]) {
    const lines = differences.slice(0, MOST_SHOWN).map(difference => `  ${paragraph(difference)}`)
    if (differences.length > MOST_SHOWN) lines.push(`  and ${differences.length - MOST_SHOWN} more`)
    const types = differences.map(({ type }) => type).join(', ')
    super(
      'DX_CODEC_MISMATCH',
      `the two ends do not agree on their types; run the same version of the application on both:\n${lines.join('\n')}`,
      {
        count: differences.length,
        types: types.slice(0, MOST_TEXT),
      },
    )
  }
}
