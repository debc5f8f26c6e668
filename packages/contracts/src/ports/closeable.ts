/** Something that holds a resource. `close()` is safe to call twice and resolves when everything is released. */
export interface Closeable extends AsyncDisposable {
  close(): Promise<void>
}
