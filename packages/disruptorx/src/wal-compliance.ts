/** Everything of `@disruptorx/wal/compliance`. */
export * from '@disruptorx/wal/compliance'
