import type { FileOperation, FileRequest, Files } from '../ports/files.ts'

const nothing = new Uint8Array(0)

/** The one shape of a {@link FileRequest}: every request has the same hidden class, so call sites stay monomorphic. */
export class FileCall implements FileRequest {
  operation: FileOperation = 'size'
  path = ''
  target = ''
  mode: FileRequest['mode'] = 'read'
  handle = -1
  buffer: Uint8Array = nothing
  offset = 0
  length = 0
  position = 0
  state: FileRequest['state'] = 'idle'
  result = 0
  names: readonly string[] = []
  error: (Error & { readonly code?: string }) | undefined = undefined
}

/** A cold path over {@link Files}: it yields while the disk is busy, and returns when all is done. */
export type FileTask<T> = Generator<undefined, T, undefined>

/** Carries out one request inside a {@link FileTask}. @throws the file system's error */
export function* perform(files: Files, fields: Partial<FileRequest> & { operation: FileOperation }): FileTask<FileCall> {
  const call = Object.assign(new FileCall(), fields)
  files.submit(call)
  while (call.state === 'pending') {
    yield
    files.poll()
  }
  if (call.state === 'failed') throw call.error
  return call
}

/** Runs a task whose files complete inside `submit`. @throws what the task throws */
export function runBlocking<T>(task: FileTask<T>): T {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
  }
}
