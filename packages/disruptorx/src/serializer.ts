/** Everything of `@disruptorx/serializer`. */
export * from '@disruptorx/serializer'
