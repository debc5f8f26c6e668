import type { Codec } from '@disruptorx/contracts'
import type { ValueLayout, View } from '@disruptorx/layout'
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
  readonly name: string
  readonly #layout: ValueLayout<T>
  readonly #padded: boolean
  readonly #wide: readonly (keyof T)[]
  /** A view of the buffer used last: most calls come with the same one, and then nothing is allocated. */
  #view: View<T> | undefined
  #buffer: ArrayBufferLike | undefined

  constructor(layout: ValueLayout<T>) {
    this.name = `struct:${layout.hash.toString(16).padStart(8, '0')}`
    this.#layout = layout
    this.#padded = layout.fields.reduce((sum, field) => sum + field.size, 0) < layout.size
    this.#wide = layout.fields.filter(field => field.type === 'u53' || field.type === 'i53').map(field => field.name as keyof T)
  }

  encode(value: T, target: Uint8Array, offset: number): number {
    const { size } = this.#layout
    checkRoom(this.name, size, target, offset)
    const view = this.#over(target, offset)
    try {
      view.set(value)
    } catch (error) {
      throw new CodecValueError(this.name, 'the value', `cannot be written: ${messageOf(error)}`, { cause: error })
    }
    // Bytes between fields are part of what is hashed and compared, so they are always the same.
    if (this.#padded) this.#rewrite(value, view, target, offset)
    return size
  }

  decode(source: Uint8Array, offset: number, length: number): T {
    checkSource(this.name, source, offset, length)
    const { size } = this.#layout
    if (length !== size) throw new CodecDataError(this.name, 0, `the struct has ${size} bytes, not ${length}`)
    const value = this.#over(source, offset).copy()
    // Any bits are a number of 32 bits or less; only 64 bits can be too large to be exact.
    for (const name of this.#wide) {
      if (!Number.isSafeInteger(value[name])) throw new CodecDataError(this.name, 0, `field ${String(name)} is beyond 53 bits`)
    }
    return value
  }

  #rewrite(value: T, view: View<T>, target: Uint8Array, offset: number): void {
    target.fill(0, offset, offset + this.#layout.size)
    view.set(value)
  }

  #over(bytes: Uint8Array, offset: number): View<T> {
    const { buffer } = bytes
    if (this.#view !== undefined && this.#buffer === buffer) return this.#view.moveTo(bytes.byteOffset + offset)
    this.#buffer = buffer
    this.#view = this.#layout.view(buffer, bytes.byteOffset + offset)
    return this.#view
  }
}
