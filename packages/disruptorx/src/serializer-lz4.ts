/** Everything of `@disruptorx/serializer/lz4`. */
export * from '@disruptorx/serializer/lz4'
