import { UNKNOWN, type Unknown } from './model.ts'
import { textOf } from './values.ts'

/** `name(arguments) -> output`: an operation as models show it. */
export function describeCall(name: string, inputs: readonly unknown[], output: unknown | Unknown): string {
  return `${describeAsked(name, inputs)} -> ${output === UNKNOWN ? '?' : textOfAny(output)}`
}

/** `name(arguments)`: one of those that have no output. Where one was recorded nevertheless, or nobody saw it return, that is shown. */
export function describeCommand(name: string, inputs: readonly unknown[], output: unknown | Unknown): string {
  return output === undefined ? describeAsked(name, inputs) : describeCall(name, inputs, output)
}

function describeAsked(name: string, inputs: readonly unknown[]): string {
  return `${name}(${inputs.map(textOf).join(', ')})`
}

/** Outputs may be anything: also what JSON does not have, or refuses. */
function textOfAny(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol' || typeof value === 'function' || value === undefined) return String(value)
  try {
    return textOf(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
