import type { FileRequest } from '@disruptorx/contracts'
import type { Inode } from './inode.ts'
import type { Tree } from './tree.ts'

/** What carries bytes to a simulated disk and back: a perfect one, or one that fails as its rates say. */
export interface Medium {
  /** Called before anything is done for a request. @throws the file system's error */
  admit(request: FileRequest): void
  /** Bytes read. */
  read(inode: Inode, into: Uint8Array, position: number): number
  /** Bytes written. */
  write(inode: Inode, bytes: Uint8Array, position: number): number
  sync(inode: Inode): void
  syncDirectory(path: string): void
}

/** An error as the operating system reports it. */
export function systemError(code: string, operation: string, why: string): Error {
  return Object.assign(new Error(`${code}: ${operation}: ${why}`), { code })
}

/** A medium that does what it is told. */
export class PlainMedium implements Medium {
  protected readonly tree: Tree

  constructor(tree: Tree) {
    this.tree = tree
  }

  admit(_request: FileRequest): void {}

  read(inode: Inode, into: Uint8Array, position: number): number {
    return inode.read(into, position)
  }

  write(inode: Inode, bytes: Uint8Array, position: number): number {
    inode.write(bytes, position, this.tree.nextSerial())
    return bytes.length
  }

  sync(inode: Inode): void {
    inode.sync()
  }

  syncDirectory(path: string): void {
    this.tree.sync(path)
  }
}
