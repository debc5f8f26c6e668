import { TRACE_BYTES } from './descriptor.ts'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8

const hexOf = (bytes: Uint8Array) => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

/**
 * The 25 bytes of a `traceparent` text, as W3C Trace Context has it: trace id 16, parent id 8, flags 1. `undefined` for a text of another
 * form or version and for ids that are all zeros, which the standard says to ignore.
 */
export function traceContextOf(traceparent: string): Uint8Array | undefined {
  const match = TRACEPARENT.exec(traceparent)
  if (match === null) return undefined
  const hex = match.slice(1).join('')
  const bytes = Uint8Array.from({ length: TRACE_BYTES }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
  return hasIds(bytes) ? bytes : undefined
}

/** The `traceparent` text of the 25 bytes of a frame; `undefined` when they are none. They may come from anybody. */
export function traceparentOf(trace: Uint8Array): string | undefined {
  if (trace.length !== TRACE_BYTES || !hasIds(trace)) return undefined
  const spanEnd = TRACE_ID_BYTES + SPAN_ID_BYTES
  return `00-${hexOf(trace.subarray(0, TRACE_ID_BYTES))}-${hexOf(trace.subarray(TRACE_ID_BYTES, spanEnd))}-${hexOf(trace.subarray(spanEnd))}`
}

function hasIds(bytes: Uint8Array): boolean {
  const isSet = (byte: number) => byte !== 0
  return bytes.subarray(0, TRACE_ID_BYTES).some(isSet) && bytes.subarray(TRACE_ID_BYTES, TRACE_ID_BYTES + SPAN_ID_BYTES).some(isSet)
}
