/**
 * What the contract of codecs asks for, as tests: for a codec of your own.
 *
 * @example
 * import { codecSuite } from '@disruptorx/serializer/compliance'
 * import { describe, it } from 'vitest'
 *
 * codecSuite({ describe, it }, 'my codec', { make: () => myCodec, values: [1, 2, 3], refused: ['one'] })
 * @packageDocumentation
 */
export { CodecComplianceError } from './compliance/compliance-error.ts'
export type { CodecComplianceCase, CodecComplianceOptions } from './compliance/options.ts'
export { type CodecTestFramework, codecCases, codecSuite } from './compliance/suite.ts'
