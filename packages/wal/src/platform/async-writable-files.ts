import { constants, fdatasync, ftruncate, open, rename, unlink, write } from 'node:fs'
import type { FileRequest } from '@disruptorx/contracts'
import { AsyncNodeFiles } from './async-node-files.ts'
import { makeDirectories } from './make-directories.ts'
import { syncDirectory } from './sqlite-directory.ts'

const { O_CREAT, O_RDWR } = constants

/** As {@link AsyncNodeFiles}, for who writes files of his own. What changes directories, which is seldom, waits for the disk. */
export class AsyncWritableFiles extends AsyncNodeFiles {
  protected override begin(request: FileRequest, done: Parameters<AsyncNodeFiles['begin']>[1]): void {
    const { operation, path, mode, handle, buffer, offset, length, position } = request
    if (operation === 'write') write(handle, buffer, offset, length, position, done)
    else if (operation === 'open' && mode === 'create') open(path, O_RDWR | O_CREAT, done)
    else if (operation === 'datasync') fdatasync(handle, error => done(error))
    else if (operation === 'truncate') ftruncate(handle, length, error => done(error))
    else if (operation === 'rename') rename(path, request.target, error => done(error))
    else if (operation === 'remove') unlink(path, error => done(error))
    else if (operation === 'make-directory') finish(() => makeDirectories(path), done)
    else if (operation === 'sync-directory') finish(() => syncDirectory(path), done)
    else super.begin(request, done)
  }
}

function finish(act: () => void, done: (error: NodeJS.ErrnoException | null) => void): void {
  try {
    act()
    done(null)
  } catch (error) {
    done(error as NodeJS.ErrnoException)
  }
}
