import { type Codec, type CodecSchema, isDisruptorError } from '@disruptorx/contracts'
import { compareLayouts, type RecordReader, type ValueLayout, type View } from '@disruptorx/layout'
import { checkRoom } from './bounds.ts'
import { CodecDataError, CodecValueError } from './errors.ts'

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/**
 * Values as records of a struct layout: the fastest codec there is.
 *
 * The name carries the layout's hash, the schema its version and description. Encoding throws `DX_CODEC_VALUE` (its cause names the field) or
 * `DX_CODEC_SPACE`; decoding throws `DX_CODEC_DATA` when the bytes are no record of this version of the layout, an older or a newer one, or hold what no
 * field can be. What a newer record has more is passed over, what an older one lacks is zero. `layout.reader()` reads the same bytes where they lie.
 */
export function structCodec<T>(layout: ValueLayout<T>): Codec<T> {
  return new RecordCodec(layout)
}

class RecordCodec<T> implements Codec<T> {
  // Plain `private`: V8 takes a field that the constructor sets once for a constant. Benchmark `bytes` (struct.*) guards this class.
  readonly name: string
  /** None with a tail. */
  readonly fixedBytes: number | undefined
  readonly schema: CodecSchema
  private readonly layout: ValueLayout<T>
  private readonly reader: RecordReader<T>
  /** A view of the buffer used last, and the bytes that it was used for: most calls come with the same ones, and then nothing is allocated. */
  private view: View<T> | undefined
  private buffer: ArrayBufferLike | undefined
  private bytes: Uint8Array | undefined
  private start = 0

  constructor(layout: ValueLayout<T>) {
    const { hash, version, description, size, fixedSize } = layout
    this.name = `struct:${hash.toString(16).padStart(8, '0')}`
    this.fixedBytes = size === fixedSize ? size : undefined
    this.schema = { hash, version, text: description }
    this.layout = layout
    this.reader = layout.reader()
  }

  // Hot: no allocation.
  encode(value: T, target: Uint8Array, offset: number): number {
    const bytes = this.fixedBytes ?? this.layout.sizeOf(value)
    if (offset >>> 0 !== offset || offset > target.length - bytes) checkRoom(this.name, bytes, target, offset)
    this.write(value, this.over(target, offset))
    return bytes
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    try {
      return this.reader.read(source, offset, length).copy()
    } catch (error) {
      if (isDisruptorError(error, 'DX_RECORD')) throw new CodecDataError(this.name, 0, error.message, { cause: error })
      throw error
    }
  }

  refusal({ version, text }: CodecSchema): string | undefined {
    try {
      compareLayouts(this.layout, { version, description: text })
      return undefined
    } catch (error) {
      return messageOf(error)
    }
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
