import { struct } from '@disruptorx/core'

/** What goes through the ring of the page with workers. */
export const ticket = struct({ number: 'u53', square: 'u53' })
export const events = 20_000
