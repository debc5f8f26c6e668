/**
 * Fixed binary struct layouts with generated accessors over any buffer, shared memory included.
 *
 * @example
 * import { type Infer, struct } from '@disruptorx/layout'
 *
 * const order = struct({ id: 'u53', price: 'u32', size: 'u32', buy: 'bool' })
 * type Order = Infer<typeof order>
 *
 * const view = order.view(new SharedArrayBuffer(order.size * 1024))
 * view.moveTo(3 * order.size).set({ id: 1, price: 10_050, size: 100, buy: true })
 * const kept: Order = view.copy()
 * @packageDocumentation
 */
export { FieldError, LayoutError } from './errors.ts'
export type { FieldType } from './field-types.ts'
export { struct } from './struct.ts'
export type {
  Infer,
  LayoutDescription,
  ReadonlyView,
  StructField,
  StructLayout,
  StructSpec,
  StructValue,
  ValueLayout,
  View,
  ViewMethods,
} from './types.ts'
