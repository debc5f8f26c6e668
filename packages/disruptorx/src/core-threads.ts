/** Everything of `@disruptorx/core/threads`. */
export * from '@disruptorx/core/threads'
