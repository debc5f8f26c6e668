/** Everything of `@disruptorx/serializer/compliance`. */
export * from '@disruptorx/serializer/compliance'
