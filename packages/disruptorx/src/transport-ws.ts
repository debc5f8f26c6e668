/** Everything of `@disruptorx/transport/ws`. */
export * from '@disruptorx/transport/ws'
