/** Turns values into bytes and back. */
export interface Codec<T> {
  /** Names the format and its layout: two codecs with one name read each other's bytes. */
  readonly name: string
  /** Writes `value` at `offset` and returns the number of bytes written. @throws when it does not fit or is no such value. */
  encode(value: T, target: Uint8Array, offset: number): number
  /** Reads a value from exactly these bytes. @throws when they are not one. */
  decode(source: Uint8Array, offset: number, length: number): T
}
