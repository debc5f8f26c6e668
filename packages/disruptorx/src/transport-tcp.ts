/** Everything of `@disruptorx/transport/tcp`. */
export * from '@disruptorx/transport/tcp'
