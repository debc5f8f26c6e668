/** Everything of `@disruptorx/transport/compliance`. */
export * from '@disruptorx/transport/compliance'
