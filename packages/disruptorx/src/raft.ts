/** Everything of `@disruptorx/raft`. */
export * from '@disruptorx/raft'
