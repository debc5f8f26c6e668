import { DisruptorError } from '@disruptorx/contracts'
import type { StandardSchemaV1 } from '@standard-schema/spec'

const MOST_SHOWN = 5
const MOST_TEXT = 200

function pathOf({ path = [] }: StandardSchemaV1.Issue): string {
  const keys = path.map(part => (typeof part === 'object' ? part.key : part))
  return `value${keys.map(key => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')}`.slice(0, MOST_TEXT)
}

/** A value is none that a schema allows. Code `DX_SCHEMA`; the message shows the first five issues, each with its path. */
export class SchemaError extends DisruptorError {
  constructor(issues: readonly StandardSchemaV1.Issue[]) {
    const lines = issues.slice(0, MOST_SHOWN).map(issue => `${pathOf(issue)}: ${issue.message.slice(0, MOST_TEXT)}`)
    if (issues.length > MOST_SHOWN) lines.push(`and ${issues.length - MOST_SHOWN} more`)
    super('DX_SCHEMA', lines.join('; '), { issues: issues.length, path: issues[0] && pathOf(issues[0]) })
  }
}
