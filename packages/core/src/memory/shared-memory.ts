import { DisruptorError } from '@disruptorx/contracts'

/** There is no shared memory here: a browser gives it only to pages that are isolated from other origins. */
export class SharedMemoryUnavailableError extends DisruptorError {
  constructor(what: string) {
    super(
      'DX_NO_SHARED_MEMORY',
      `there is no SharedArrayBuffer here, which the ${what} needs; serve the page, and every worker's script, with the headers ` +
        '"Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp"',
      { what },
    )
  }
}

/** Makes shared memory of zeros. `what` names what it is for, as in "ring". @throws {SharedMemoryUnavailableError} */
export function sharedMemory(bytes: number, what: string): SharedArrayBuffer {
  if (typeof SharedArrayBuffer === 'undefined') throw new SharedMemoryUnavailableError(what)
  return new SharedArrayBuffer(bytes)
}

/** Whether something is shared memory. False where there is no such thing. */
export function isSharedMemory(memory: unknown): memory is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== 'undefined' && memory instanceof SharedArrayBuffer
}
