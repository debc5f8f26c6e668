import { LOG_BYTES } from '../format/descriptor.ts'
import type { LogValues } from './log-summary.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes in front of a value's name. */
export const VALUE_HEADER_BYTES = 4
export const MOST_VALUES = 16
export const MOST_VALUE_BYTES = 256
export const VALUE_NAME = /^[a-z0-9-]{1,32}$/

/** Bytes that a value takes in the header of a segment; 0 for none. */
export function valueBytes(name: string, value: Uint8Array | undefined): number {
  return value === undefined || value.length === 0 ? 0 : (VALUE_HEADER_BYTES + name.length + value.length + 7) & -8
}

/** The data of a record that sets a value. */
export function encodeValue(name: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(1 + name.length + value.length)
  data[0] = name.length
  encoder.encodeInto(name, data.subarray(1))
  data.set(value, 1 + name.length)
  return data
}

/** The name and the value in what {@link encodeValue} made. */
export function decodeValue(data: Uint8Array): readonly [name: string, value: Uint8Array] {
  const start = 1 + (data[0] as number)
  return [decoder.decode(data.subarray(1, start)), data.subarray(start)]
}

/** Bytes that a log takes in the header of a segment. */
export function summaryBytes(log: { readonly values: LogValues }): number {
  let bytes = LOG_BYTES
  for (const [name, value] of log.values) bytes += valueBytes(name, value)
  return bytes
}
