import { OptionError } from '@disruptorx/contracts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SchemaError } from './schema-error.ts'

/**
 * A function that holds values to a schema and returns what the schema makes of them: the `check` of a codec, or for any other edge.
 *
 * It throws a {@link SchemaError} for a value that the schema does not allow, and an `OptionError` when the schema answers with a promise:
 * nothing waits while bytes are decoded.
 *
 * @throws {OptionError} for what is no Standard Schema of version 1
 */
export function schemaCheck<S extends StandardSchemaV1>(schema: S): (value: unknown) => StandardSchemaV1.InferOutput<S> {
  const standard: unknown = schema?.['~standard']
  if (!isStandard(standard)) throw new OptionError('schema', schema, 'a Standard Schema of version 1, as Zod, Valibot or ArkType make them')
  return value => {
    const result = standard.validate(value)
    if (result instanceof Promise) {
      result.catch(() => undefined)
      throw new OptionError('schema', `a schema of ${standard.vendor} that answers with a promise`, 'one that answers at once')
    }
    if (result.issues) throw new SchemaError(result.issues)
    return result.value as StandardSchemaV1.InferOutput<S>
  }
}

function isStandard(standard: unknown): standard is StandardSchemaV1.Props {
  if (typeof standard !== 'object' || standard === null) return false
  const { version, validate } = standard as { version?: unknown; validate?: unknown }
  return version === 1 && typeof validate === 'function'
}
