/** Everything of `@disruptorx/contracts`. */
export * from '@disruptorx/contracts'
