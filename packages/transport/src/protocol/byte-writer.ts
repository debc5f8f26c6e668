const encoder = new TextEncoder()

/** Writes the fields of a frame that goes rarely. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = []

  u8(value: number): this {
    return this.bytes(Uint8Array.of(value))
  }

  u32(value: number): this {
    const part = new Uint8Array(4)
    new DataView(part.buffer).setUint32(0, value, true)
    return this.bytes(part)
  }

  /** A whole number of up to 53 bits, as a float. */
  count(value: number): this {
    const part = new Uint8Array(8)
    new DataView(part.buffer).setFloat64(0, value, true)
    return this.bytes(part)
  }

  bytes(part: Uint8Array): this {
    this.#parts.push(part)
    return this
  }

  /** A text behind its length in one byte: at most 255 bytes of it. */
  text(value: string): this {
    const part = utf8(value, 255)
    return this.u8(part.length).bytes(part)
  }

  /** A text that ends the frame: at most so many bytes of it. */
  restText(value: string, mostBytes: number): this {
    return this.bytes(utf8(value, mostBytes))
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

/** The first bytes of a text in UTF-8, without half of a character at the end. */
function utf8(value: string, mostBytes: number): Uint8Array {
  const bytes = new Uint8Array(mostBytes)
  return bytes.subarray(0, encoder.encodeInto(value, bytes).written)
}
