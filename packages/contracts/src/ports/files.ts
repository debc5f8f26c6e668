/** What a file can be asked to do. */
export type FileOperation =
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'datasync'
  | 'size'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'list'
  | 'make-directory'
  | 'sync-directory'
  | 'lock'

/**
 * One operation on the file system, and its outcome. A caller keeps requests and uses them again: the hot ones allocate nothing.
 *
 * | operation | reads | sets `result` to |
 * |---|---|---|
 * | open | path, mode | handle |
 * | close | handle | 0 |
 * | read | handle, buffer, offset, length, position | bytes read, 0 at the end |
 * | write | handle, buffer, offset, length, position | bytes written, which may be fewer than asked |
 * | datasync | handle | 0, when content and size are on stable storage |
 * | size | handle | bytes |
 * | truncate | handle, length | 0 |
 * | rename | path, target | 0 |
 * | remove | path | 0 |
 * | list | path | number of names; `names` holds them, sorted |
 * | make-directory | path | 0, also when it exists; parents are made too |
 * | sync-directory | path | 0, when creations, renames and removals in it are on stable storage |
 * | lock | path | handle; closing it or dying releases the lock; fails with `EBUSY` while another holds it |
 */
export interface FileRequest {
  operation: FileOperation
  path: string
  target: string
  /** `read`: must exist. `write`: must exist, read and write. `create`: read and write, made if missing. `exclusive`: must not exist. */
  mode: 'read' | 'write' | 'create' | 'exclusive'
  handle: number
  buffer: Uint8Array
  offset: number
  length: number
  position: number
  /** Set by the implementation. `failed` comes with `error`. */
  state: 'idle' | 'pending' | 'done' | 'failed'
  result: number
  names: readonly string[]
  /** The system's error: its `code` is one of `ENOENT`, `EACCES`, `ENOSPC`, `EIO`, `EBUSY`, ... */
  error: (Error & { readonly code?: string }) | undefined
}

/**
 * The file system, as submit and poll, so that a disk can be simulated.
 *
 * A blocking implementation completes the request inside `submit`; any other completes it inside a later `poll`.
 * Requests on one handle are carried out in the order of their submission.
 */
export interface Files {
  /** Starts a request. Its `state` must not be `pending`. Never throws for a fault of the file system. */
  submit(request: FileRequest): void
  /** Lets requests complete. */
  poll(): void
}
