import type { Codec, CodecSchema } from '@disruptorx/contracts'
import { oneOf } from '@disruptorx/contracts/internal'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { CodecDataError, CodecValueError } from '../errors.ts'
import { schemaCheck } from './schema-check.ts'

/** When a schema is applied. */
export interface WithSchemaOptions {
  /**
   * `both`: what is encoded is what the schema makes of the value. `decode`: values are encoded as they are, which is right for a schema
   * that turns values into others, such as texts into dates. @default 'both'
   */
  readonly when?: 'both' | 'decode'
}

/**
 * A codec whose values a schema has passed. The bytes stay those of the codec itself.
 *
 * Beside what the codec throws, encoding throws `DX_CODEC_VALUE` and decoding `DX_CODEC_DATA`, each with a `SchemaError` as its cause.
 *
 * @throws {OptionError}
 */
export function withSchema<S extends StandardSchemaV1>(
  codec: Codec<unknown> | Codec<StandardSchemaV1.InferInput<S>>,
  schema: S,
  options: WithSchemaOptions = {},
): Codec<StandardSchemaV1.InferOutput<S>> {
  const when = oneOf('when', options.when ?? 'both', ['both', 'decode'])
  return new CheckedCodec<StandardSchemaV1.InferOutput<S>>(codec as Codec<unknown>, schemaCheck(schema), when === 'both')
}

class CheckedCodec<T> implements Codec<T> {
  readonly name: string
  readonly fixedBytes: number | undefined
  readonly schema: CodecSchema | undefined
  readonly refusal: ((theirs: CodecSchema) => string | undefined) | undefined
  readonly #codec: Codec<unknown>
  readonly #check: (value: unknown) => T
  readonly #checksEncoding: boolean

  constructor(codec: Codec<unknown>, check: (value: unknown) => T, checksEncoding: boolean) {
    this.name = codec.name
    this.fixedBytes = codec.fixedBytes
    this.schema = codec.schema
    this.refusal = codec.refusal?.bind(codec)
    this.#codec = codec
    this.#check = check
    this.#checksEncoding = checksEncoding
  }

  encode(value: T, target: Uint8Array, offset: number): number {
    return this.#codec.encode(this.#checksEncoding ? this.#toWrite(value) : value, target, offset)
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    const value = this.#codec.decode(source, offset, length)
    try {
      return this.#check(value)
    } catch (error) {
      throw new CodecDataError(this.name, 0, messageOf(error), { cause: error })
    }
  }

  #toWrite(value: T): T {
    try {
      return this.#check(value)
    } catch (error) {
      throw new CodecValueError(this.name, 'the value', `is refused by its schema: ${messageOf(error)}`, { cause: error })
    }
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
