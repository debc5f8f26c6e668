/** Where a snapshot goes. */
export interface SnapshotWriter {
  /** Takes in the next bytes, and copies them before it returns: the caller reuses the array. */
  write(bytes: Uint8Array): void
}

/** Where a snapshot comes from. */
export interface SnapshotReader {
  /** Fills `target` wholly with the next bytes. @throws when there are not that many */
  read(target: Uint8Array): void
}
