import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onceOrAtExit } from './process-exit.ts'

/** A directory that is removed with everything in it when it is disposed of, and at the latest when the process exits. */
export interface TemporaryDirectory extends Disposable, AsyncDisposable {
  /** Absolute. */
  readonly path: string
  /** The path of something in it. */
  join(...parts: string[]): string
  /** Removes it. Safe to call twice. */
  dispose(): void
}

/**
 * Makes an empty directory below the system's one for temporary files.
 *
 * @example
 * using dir = temporaryDirectory()
 * writeFileSync(dir.join('a.txt'), 'hello')
 */
export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'disruptorx-'))
  // A child that was just killed may still be leaving: removal is tried again for a moment.
  const remove = onceOrAtExit(() => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }))
  return {
    path,
    join: (...parts) => join(path, ...parts),
    dispose: remove,
    [Symbol.dispose]: remove,
    [Symbol.asyncDispose]: async () => remove(),
  }
}
