/** Everything of `@disruptorx/core`. */
export * from '@disruptorx/core'
