/** Where sealed segments and backups go: a directory, an object store. */
export interface Archive {
  /** Stores bytes under a name, whole or not at all. */
  put(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>
  /** Reads what is stored under a name. @throws when there is none. */
  get(name: string, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** The names that start with `prefix`, sorted. */
  list(prefix: string, signal?: AbortSignal): Promise<readonly string[]>
  /** Removes a name; without effect when there is none. */
  remove(name: string, signal?: AbortSignal): Promise<void>
}
