import type { Codec, CodecSchema } from '@disruptorx/contracts'
import type { LayoutDescription, ValueLayout, View } from '@disruptorx/layout'
import { checkRoom, checkSource } from './bounds.ts'
import { CodecDataError, CodecValueError } from './errors.ts'

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/**
 * Values as the bytes of a struct layout: of fixed size, the fastest codec there is.
 *
 * The name carries the layout's hash. Encoding throws `DX_CODEC_VALUE` (its cause names the field) or `DX_CODEC_SPACE`; decoding
 * throws `DX_CODEC_DATA` when the bytes are not exactly one struct or hold a 64-bit number beyond what a field can be.
 */
export function structCodec<T>(layout: ValueLayout<T>): Codec<T> {
  return new StructCodec(layout)
}

class StructCodec<T> implements Codec<T> {
  // Plain `private`: V8 takes a field that the constructor sets once for a constant. Benchmark `bytes` (struct.*) guards this class.
  readonly name: string
  readonly fixedBytes: number
  readonly schema: CodecSchema
  private readonly layout: ValueLayout<T>
  /** Bytes between fields, and after the last one. */
  private readonly gaps: readonly number[]
  private readonly wide: readonly (keyof T)[]
  /** A view of the buffer used last, and the bytes that it was used for: most calls come with the same ones, and then nothing is allocated. */
  private view: View<T> | undefined
  private buffer: ArrayBufferLike | undefined
  private bytes: Uint8Array | undefined
  private start = 0

  constructor(layout: ValueLayout<T>) {
    this.name = `struct:${layout.hash.toString(16).padStart(8, '0')}`
    this.fixedBytes = layout.size
    this.schema = { hash: layout.hash, version: 0, text: layout.description }
    this.layout = layout
    this.gaps = gapsOf(layout)
    this.wide = layout.fields.filter(field => field.type === 'u53' || field.type === 'i53').map(field => field.name as keyof T)
  }

  // Hot: no allocation.
  encode(value: T, target: Uint8Array, offset: number): number {
    const { fixedBytes, gaps } = this
    if (offset >>> 0 !== offset || offset > target.length - fixedBytes) checkRoom(this.name, fixedBytes, target, offset)
    this.write(value, this.over(target, offset))
    // Bytes between fields are part of what is hashed and compared, so they are always the same.
    for (let i = 0; i < gaps.length; i++) target[offset + (gaps[i] as number)] = 0
    return fixedBytes
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    checkSource(this.name, source, offset, length)
    if (length !== this.fixedBytes) throw new CodecDataError(this.name, 0, `the struct has ${this.fixedBytes} bytes, not ${length}`)
    const value = this.over(source, offset).copy()
    // Any bits are a number of 32 bits or less; only 64 bits can be too large to be exact.
    for (let i = 0; i < this.wide.length; i++) {
      const name = this.wide[i] as keyof T
      if (!Number.isSafeInteger(value[name])) throw new CodecDataError(this.name, 0, `field ${String(name)} is beyond 53 bits`)
    }
    return value
  }

  private write(value: T, view: View<T>): void {
    try {
      view.set(value)
    } catch (error) {
      throw new CodecValueError(this.name, 'the value', `cannot be written: ${messageOf(error)}`, { cause: error })
    }
  }

  private over(bytes: Uint8Array, offset: number): View<T> {
    const { view } = this
    return view !== undefined && this.bytes === bytes ? view.moveTo(this.start + offset) : this.viewOf(bytes, offset)
  }

  private viewOf(bytes: Uint8Array, offset: number): View<T> {
    const start = bytes.byteOffset
    const view =
      this.buffer === bytes.buffer && this.view ? this.view.moveTo(start + offset) : this.layout.view(bytes.buffer, start + offset)
    this.bytes = bytes
    this.buffer = bytes.buffer
    this.start = start
    this.view = view
    return view
  }
}

/** Bytes of a struct that no field covers. */
function gapsOf({ fields, size }: LayoutDescription): number[] {
  const isCovered = (at: number) => fields.some(field => at >= field.offset && at < field.offset + field.size)
  return Array.from({ length: size }, (_, at) => at).filter(at => !isCovered(at))
}
