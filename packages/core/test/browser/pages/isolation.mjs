// Loads everything on a page that may have no shared memory, and makes a ring.
import { isDisruptorError } from '@disruptorx/contracts'
import { StructRing, struct } from '@disruptorx/core'

const layout = struct({ id: 'u32' })
let outcome
try {
  StructRing.create({ layout, capacity: 8 })
  outcome = { code: 'nothing thrown', message: '' }
} catch (error) {
  outcome = { code: isDisruptorError(error) ? error.code : 'not ours', message: error.message }
}
globalThis.report({ isolated: globalThis.crossOriginIsolated, ...outcome })
