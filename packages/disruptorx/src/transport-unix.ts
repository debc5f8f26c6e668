/** Everything of `@disruptorx/transport/unix`. */
export * from '@disruptorx/transport/unix'
