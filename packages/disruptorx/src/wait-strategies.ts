/** Everything of `@disruptorx/wait-strategies`. */
export * from '@disruptorx/wait-strategies'
