/** Everything of `@disruptorx/serializer/schema`. */
export * from '@disruptorx/serializer/schema'
