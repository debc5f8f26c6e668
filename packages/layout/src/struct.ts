import { crc32 } from '@disruptorx/contracts/internal'
import { LayoutError } from './errors.ts'
import type { Placed, StructKind, TailKind } from './kinds/kind.ts'
import { alignUp, fieldText, frozenSpec, frozenType, makeStructKind, whole } from './kinds/make-kind.ts'
import { StructRecordReader } from './record-reader.ts'
import type { StructSpec, StructValue } from './spec.ts'
import type { LayoutDescription, StructField, StructLayout, ValueLayout } from './types.ts'
import { viewClassFor } from './views/choose.ts'
import type { ViewClass } from './views/view-class.ts'

/** What a layout may be told beside its fields. */
export interface StructOptions {
  /** Which one of the layouts of its records this is: 1 to 65,535. Fields are added at the end, under a higher version. @default 1 */
  readonly version?: number
}

/**
 * Makes a layout from fields in the order in which they shall lie in memory.
 *
 * Little-endian on every machine; each field at the next multiple of its alignment; the struct's size is a multiple of its largest one. The accessors are
 * generated once, for the first view: make a layout at set-up, never per event. A spec may come from outside: it is checked, and of its text only the
 * names of fields become code.
 *
 * @throws {LayoutError} names the field or the type that cannot be
 */
export function struct<const S extends StructSpec>(spec: S, options: StructOptions = {}): StructLayout<S> {
  return layoutOf(spec, options, viewClassFor)
}

/** {@link struct} with view classes made in a given way. */
export function layoutOf<const S extends StructSpec>(
  spec: S,
  options: StructOptions,
  makeViewClass: <T>(kind: StructKind) => ViewClass<T>,
): StructLayout<S> {
  const kind = makeStructKind(spec)
  const tail = kind.fields.map(field => field.kind).find(field => field.form === 'tail')
  const version = whole('the version of a layout', options.version ?? 1, 65_535)
  const described = describe(kind, version, tail)
  let made: ViewClass<StructValue<S>> | undefined
  const viewClass = () => {
    made ??= makeViewClass<StructValue<S>>(kind)
    return made
  }
  return Object.freeze({ ...described, spec: frozenSpec(spec) as S, ...methodsOf(kind, described.size, viewClass) })
}

function describe(kind: StructKind, version: number, tail: TailKind | undefined): Omit<LayoutDescription, 'spec'> {
  const { alignment, size: fixedSize } = kind
  const fields = Object.freeze(kind.fields.map(describeField))
  const size = alignUp(fixedSize + (tail?.max ?? 0), alignment)
  const description = `struct/1 ${fields.map(field => field.description).join(' ')} size=${fixedSize}`
  const bytes = new TextEncoder().encode(description)
  return { size, fixedSize, alignment, version, hash: crc32(bytes, 0, bytes.length), description, fields }
}

function describeField(field: Placed): StructField {
  const { name, type, offset, kind } = field
  const { size, alignment } = kind
  return Object.freeze({ name, type: frozenType(type), offset, size, alignment, description: fieldText(field) })
}

function dataViewOf(memory: ArrayBufferLike | ArrayBufferView): DataView {
  return ArrayBuffer.isView(memory) ? new DataView(memory.buffer, memory.byteOffset, memory.byteLength) : new DataView(memory)
}

function methodsOf<T>(kind: StructKind, size: number, viewClass: () => ViewClass<T>): Omit<ValueLayout<T>, keyof LayoutDescription> {
  const tailed = kind.fields.find(field => field.kind.form === 'tail')
  return {
    view(memory, byteOffset = 0) {
      if (typeof memory?.byteLength !== 'number') throw new LayoutError('the memory of a view', memory, 'a buffer, or a window on one')
      const most = memory.byteLength - kind.size
      if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset > most)
        throw new LayoutError(
          'the byte offset of a view',
          byteOffset,
          most < 0 ? `in at least ${kind.size} bytes` : `a whole number from 0 to ${most}`,
        )
      return new (viewClass())(dataViewOf(memory), byteOffset)
    },
    reader: () => new StructRecordReader(viewClass(), kind, size),
    sizeOf(value) {
      if (tailed?.kind.form !== 'tail') return kind.size
      return kind.size + tailed.kind.bytesOf((value as Readonly<Record<string, unknown>> | undefined)?.[tailed.name])
    },
    check(value) {
      viewClass().check(value)
      return value as T
    },
  }
}
