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
export { FieldError, LateAccessError, LayoutError, LayoutMismatchError, RecordError } from './errors.ts'
export { compareLayouts, type LayoutRelation, type LayoutVersion } from './evolution.ts'
export { withLateAccessChecks } from './late-access.ts'
export type {
  ArrayType,
  BigIntType,
  BytesType,
  EnumType,
  FieldType,
  FieldValue,
  NestedType,
  NumberType,
  ScalarType,
  StringType,
  StructSpec,
  StructValue,
  TailType,
} from './spec.ts'
export { type StructOptions, struct } from './struct.ts'
export type {
  ArrayView,
  Infer,
  LayoutDescription,
  NestedView,
  ReadonlyArrayView,
  ReadonlyNestedView,
  ReadonlyView,
  ReadonlyViewField,
  ReadonlyViewFields,
  RecordReader,
  StructField,
  StructLayout,
  ValueLayout,
  View,
  ViewField,
  ViewFields,
  ViewMethods,
} from './types.ts'
