import { struct } from '@disruptorx/core'

/** An event of the model. */
export const event = struct({ id: 'u32' })
