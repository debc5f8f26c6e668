/** Everything of `@disruptorx/wal`. */
export * from '@disruptorx/wal'
