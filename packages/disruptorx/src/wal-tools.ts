/** Everything of `@disruptorx/wal/tools`. */
export * from '@disruptorx/wal/tools'
