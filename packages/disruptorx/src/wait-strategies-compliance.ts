/** Everything of `@disruptorx/wait-strategies/compliance`. */
export * from '@disruptorx/wait-strategies/compliance'
