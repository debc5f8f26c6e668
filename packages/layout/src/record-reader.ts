import { RecordError } from './errors.ts'
import type { StructKind, TailKind } from './kinds/kind.ts'
import { alignUp } from './kinds/make-kind.ts'
import type { ReadonlyView, RecordReader, View } from './types.ts'
import type { ViewClass } from './views/view-class.ts'

/** Where the field of a layout's tail lies. */
interface TailField {
  readonly kind: TailKind
  /** Bytes from the start of the struct: two u32, the start of the content and its length. */
  readonly offset: number
}

/** A view with the memory it lies over. */
interface Laid<T> {
  readonly buffer: ArrayBufferLike
  readonly data: DataView
  readonly view: View<T>
}

/** Reads records of a struct, of this version of its layout and others. */
export class StructRecordReader<T> implements RecordReader<T> {
  private readonly Class: ViewClass<T>
  private readonly fixedSize: number
  private readonly size: number
  private readonly tail: TailField | undefined
  private readonly olderSizes: ReadonlySet<number>
  /** The buffer read last: most calls come with the same one, and then nothing is allocated. */
  private last: Laid<T>
  private lastBytes: Uint8Array | undefined
  /** Where older records get what they lack. Made for the first of them. */
  private room: Laid<T> | undefined

  /** @param size of the layout, with its tail at its longest */
  constructor(Class: ViewClass<T>, kind: StructKind, size: number) {
    this.Class = Class
    this.fixedSize = kind.size
    this.size = size
    this.tail = tailOf(kind)
    this.olderSizes = olderSizesOf(kind)
    this.last = this.lay(new ArrayBuffer(0))
  }

  // Hot: benchmark `bytes`.
  read(bytes: Uint8Array, offset: number, length: number): ReadonlyView<T> {
    if (!(offset >= 0 && length >= 0 && Math.floor(offset) === offset && Math.floor(length) === length && offset + length <= bytes.length))
      throw new RecordError('a record', `of ${length} bytes at ${offset} is not within the ${bytes.length} that were given`)
    if (bytes !== this.lastBytes) this.turnTo(bytes)
    const at = bytes.byteOffset + offset
    const fixed = this.tail === undefined ? length : this.fixedPart(this.tail, at, length)
    return fixed < this.fixedSize ? this.extended(at, length, fixed) : this.last.view.moveTo(at)
  }

  private turnTo(bytes: Uint8Array): void {
    if (bytes.buffer !== this.last.buffer) this.last = this.lay(bytes.buffer)
    this.lastBytes = bytes
  }

  private lay(buffer: ArrayBufferLike): Laid<T> {
    const data = new DataView(buffer)
    return { buffer, data, view: new this.Class(data, 0) }
  }

  /** Bytes of the fixed part of a record that may have a tail: all that its writer knew. */
  private fixedPart({ kind, offset }: TailField, at: number, length: number): number {
    if (length < offset + kind.size) return length
    const { data } = this.last
    const start = data.getUint32(at + offset, true)
    const bytes = kind.lengthAt(data, at)
    // Where no tail was ever written, both are 0.
    if (start === 0 && bytes === 0) return length
    if (start < offset + kind.size || start + bytes !== length)
      throw new RecordError('a record', `of ${length} bytes says that its tail has ${bytes}, from byte ${start}`)
    return start
  }

  /** A view of an older record that lacks fields: of a copy, in which they are zeros. */
  private extended(at: number, length: number, fixed: number): View<T> {
    if (!this.olderSizes.has(fixed)) {
      const older = [...this.olderSizes].join(', ') || 'none'
      throw new RecordError('a record', `has ${fixed} bytes of fields; this version has ${this.fixedSize}, older ones: ${older}`)
    }
    this.room ??= this.lay(new ArrayBuffer(this.size))
    const { data, view } = this.room
    const target = new Uint8Array(data.buffer)
    const content = length - fixed
    target.set(new Uint8Array(this.last.buffer, at, fixed))
    target.fill(0, fixed, this.fixedSize)
    if (this.tail !== undefined && content > 0) {
      target.set(new Uint8Array(this.last.buffer, at + fixed, content), this.fixedSize)
      data.setUint32(this.tail.offset, this.fixedSize, true)
    }
    return view.moveTo(0)
  }
}

function tailOf({ fields }: StructKind): TailField | undefined {
  for (const { kind, offset } of fields) if (kind.form === 'tail') return { kind, offset }
  return undefined
}

/** The sizes of the fixed part that older versions can have had: those of the first fields alone. */
function olderSizesOf({ fields, size }: StructKind): Set<number> {
  const sizes = new Set<number>()
  let alignment = 1
  for (const { kind, offset } of fields) {
    alignment = Math.max(alignment, kind.alignment)
    const older = alignUp(offset + kind.size, alignment)
    if (older < size) sizes.add(older)
  }
  return sizes
}
