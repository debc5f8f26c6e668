import { UNKNOWN, type Unknown } from './model.ts'

/** `name(arguments) -> output`: an operation as models show it. */
export function describeCall(name: string, inputs: readonly unknown[], output: unknown | Unknown): string {
  const shown = `${name}(${inputs.map(input => JSON.stringify(input)).join(', ')})`
  if (output === UNKNOWN) return `${shown} -> ?`
  return output === undefined ? shown : `${shown} -> ${JSON.stringify(output)}`
}
