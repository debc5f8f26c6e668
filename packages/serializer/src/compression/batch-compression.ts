/** Decides batch by batch whether compression pays. */
export interface BatchCompression {
  /** The number of the way that the last call of {@link compress} took. */
  readonly id: number
  /** The frames of a batch made smaller; `undefined` where that does not pay. */
  compress(plain: Uint8Array): Uint8Array | undefined
}
