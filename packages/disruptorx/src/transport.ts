/** Everything of `@disruptorx/transport`. */
export * from '@disruptorx/transport'
