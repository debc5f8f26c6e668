/** Everything of `@disruptorx/wal/memory`. */
export * from '@disruptorx/wal/memory'
