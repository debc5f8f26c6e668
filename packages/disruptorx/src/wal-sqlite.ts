/** Everything of `@disruptorx/wal/sqlite`. */
export * from '@disruptorx/wal/sqlite'
