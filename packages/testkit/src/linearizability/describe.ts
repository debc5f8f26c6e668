import { UNKNOWN, type Unknown } from './model.ts'
import { textOf } from './values.ts'

/** `name(arguments) -> output`: an operation as models show it. */
export function describeCall(name: string, inputs: readonly unknown[], output: unknown | Unknown): string {
  const shown = `${name}(${inputs.map(textOf).join(', ')})`
  if (output === UNKNOWN) return `${shown} -> ?`
  return output === undefined ? shown : `${shown} -> ${textOfAny(output)}`
}

/** Outputs may be anything: also what JSON does not have, or refuses. */
function textOfAny(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol' || typeof value === 'function') return String(value)
  try {
    return textOf(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
