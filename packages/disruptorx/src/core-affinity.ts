/** Everything of `@disruptorx/core/affinity`. */
export * from '@disruptorx/core/affinity'
