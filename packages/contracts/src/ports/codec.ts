/** Which bytes a codec writes, as far as two ends have to agree on them. */
export interface CodecSchema {
  /** 32 bits, unsigned: equal where the bytes mean the same. */
  readonly hash: number
  /** Rises when the author changes the schema. A whole number from 0. */
  readonly version: number
  /** The schema for people, shown beside another one where the two do not fit. */
  readonly text: string
}

/** Turns values into bytes and back. */
export interface Codec<T> {
  /**
   * Names the format. Two codecs with one name and, where they have one, one schema read each other's bytes. What follows a colon in the
   * name tells schemas of one format apart.
   */
  readonly name: string
  /** Bytes of every value, where all take as many. A writer makes exactly that room beforehand. */
  readonly fixedBytes?: number | undefined
  /** What the bytes mean, where the name alone does not say it. */
  readonly schema?: CodecSchema | undefined
  /**
   * Writes `value` at `offset` and returns the number of bytes written; other bytes stay as they are.
   *
   * @throws an error with the code `DX_CODEC_SPACE` when it does not fit, another one when it is no such value; nothing counts as written then
   */
  encode(value: T, target: Uint8Array, offset: number): number
  /**
   * Reads a value from exactly these bytes. They may come from anybody: it allocates no more than they account for. The value stays valid
   * when they change.
   *
   * @throws when they are no value
   */
  decode(source: Uint8Array, offset: number, length: number): T
  /** Why values of another schema cannot be read; `undefined` when they can. Without this function only those of an equal hash can. */
  readonly refusal?: ((theirs: CodecSchema) => string | undefined) | undefined
}
