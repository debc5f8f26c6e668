import type { FileRequest } from '@disruptorx/contracts'
import type { Inode } from './inode.ts'
import { type Medium, systemError } from './medium.ts'
import { parentOf, type Tree } from './tree.ts'

/** What is open under a number. */
interface Open {
  readonly path: string
  /** `undefined` for a lock. */
  readonly inode: Inode | undefined
}

/** How the operating system of a simulated machine carries out requests: names, handles and locks. All of it ends with the process. */
export class OpenFiles {
  readonly #tree: Tree
  readonly #medium: Medium
  /** Whether a new directory is on stable storage at once. */
  readonly #stableDirectories: boolean
  readonly #open = new Map<number, Open>()
  readonly #locked = new Set<string>()
  #nextHandle = 1

  constructor(tree: Tree, medium: Medium, stableDirectories: boolean) {
    this.#tree = tree
    this.#medium = medium
    this.#stableDirectories = stableDirectories
  }

  /** What a handle stands for; `undefined` for none, and for locks. */
  inodeOf(handle: number): Inode | undefined {
    return this.#open.get(handle)?.inode
  }

  /** Carries out a request and returns its result. @throws the file system's error */
  carryOut(request: FileRequest): number {
    const { operation, path, target } = request
    this.#medium.admit(request)
    switch (operation) {
      case 'open':
        return this.#openFile(request)
      case 'lock':
        return this.#lock(request)
      case 'remove':
        if (!this.#tree.remove(path)) throw systemError('ENOENT', operation, path)
        return 0
      case 'rename':
        if (!this.#tree.rename(path, target)) throw systemError('ENOENT', operation, path)
        return 0
      case 'list':
        request.names = this.#tree.list(path)
        return request.names.length
      case 'make-directory':
        if (!this.#stableDirectories) this.#tree.makeDirectory(path)
        return 0
      case 'sync-directory':
        this.#medium.syncDirectory(path)
        return 0
      case 'close':
        return this.#close(request)
      default:
        return this.#carryOutOnFile(request)
    }
  }

  #carryOutOnFile(request: FileRequest): number {
    const { operation, handle, buffer, offset, length, position } = request
    const inode = this.inodeOf(handle)
    if (inode === undefined) throw systemError('EBADF', operation, `handle ${handle}`)
    if (operation === 'size') return inode.size
    if (operation === 'read') return this.#medium.read(inode, buffer.subarray(offset, offset + length), position)
    if (operation === 'write') return this.#medium.write(inode, buffer.subarray(offset, offset + length), position)
    if (operation === 'datasync') this.#medium.sync(inode)
    else inode.truncate(length, this.#tree.nextSerial())
    return 0
  }

  #openFile({ operation, path, mode }: FileRequest): number {
    const found = this.#tree.find(path)
    if (found !== undefined && mode === 'exclusive') throw systemError('EEXIST', operation, path)
    if (found === undefined && (mode === 'read' || mode === 'write')) throw systemError('ENOENT', operation, path)
    return this.#register({ path, inode: found ?? this.#tree.create(path) })
  }

  #lock({ operation, path }: FileRequest): number {
    if (this.#locked.has(path)) throw systemError('EBUSY', operation, path)
    this.#locked.add(path)
    return this.#register({ path, inode: undefined })
  }

  #register(open: Open): number {
    const handle = this.#nextHandle++
    this.#open.set(handle, open)
    return handle
  }

  #close({ operation, handle }: FileRequest): number {
    const open = this.#open.get(handle)
    if (open === undefined) throw systemError('EBADF', operation, `handle ${handle}`)
    this.#open.delete(handle)
    if (open.inode === undefined) this.#locked.delete(open.path)
    return 0
  }
}

/** What a file holds, as a program reads it; `undefined` when there is none. */
export function contentOf(tree: Tree, path: string): Uint8Array | undefined {
  const inode = tree.find(path)
  if (inode === undefined) return undefined
  const bytes = new Uint8Array(inode.size)
  inode.read(bytes, 0)
  return bytes
}

/** Sets what a file holds, on stable storage at once. */
export function replaceContent(tree: Tree, path: string, content: Uint8Array): void {
  const inode = tree.find(path) ?? tree.create(path)
  inode.truncate(content.length, tree.nextSerial())
  inode.write(content, 0, tree.nextSerial())
  inode.sync()
  tree.sync(parentOf(path))
}
