/** Everything of `@disruptorx/cluster`. */
export * from '@disruptorx/cluster'
