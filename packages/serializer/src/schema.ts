/**
 * Validation at the edges by any Standard Schema (https://standardschema.dev): Zod, Valibot, ArkType and others.
 *
 * @example
 * import { msgpackCodec } from '@disruptorx/serializer'
 * import { withSchema } from '@disruptorx/serializer/schema'
 * import { z } from 'zod'
 *
 * const orders = withSchema(msgpackCodec(), z.object({ id: z.int(), note: z.string().max(100) }))
 * @packageDocumentation
 */
export { schemaCheck } from './schema/schema-check.ts'
export { SchemaError } from './schema/schema-error.ts'
export { type WithSchemaOptions, withSchema } from './schema/with-schema.ts'
