/**
 * Where sealed segments and backups go: a directory, an object store.
 *
 * Names have 1 to 200 characters of `a` to `z`, `0` to `9`, `.` and `-`, and start with a letter or a digit. What a resolved promise says is on stable storage, and
 * seen by every later call. A rejected one may or may not have taken effect; it is called again. An aborted signal ends an operation soon.
 */
export interface Archive {
  /** Stores bytes under a name, whole or not at all, in the place of what was there. They are the archive's only until the next is asked for. */
  put(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>
  /** Reads what is stored under a name, in pieces that are the caller's. @throws when there is none. */
  get(name: string, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** The names that start with `prefix`, sorted. */
  list(prefix: string, signal?: AbortSignal): Promise<readonly string[]>
  /** Removes a name; without effect when there is none. */
  remove(name: string, signal?: AbortSignal): Promise<void>
}
