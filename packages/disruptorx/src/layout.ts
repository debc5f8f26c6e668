/** Everything of `@disruptorx/layout`. */
export * from '@disruptorx/layout'
