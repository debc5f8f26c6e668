import { UNKNOWN, type Unknown } from './model.ts'
import { textOf } from './values.ts'

/** `name(arguments) -> output`: an operation as models show it. */
export function describeCall(name: string, inputs: readonly unknown[], output: unknown | Unknown): string {
  const shown = `${name}(${inputs.map(textOf).join(', ')})`
  if (output === UNKNOWN) return `${shown} -> ?`
  return output === undefined ? shown : `${shown} -> ${textOf(output)}`
}
