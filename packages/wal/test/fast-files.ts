import type { FileRequest, Files } from '@disruptorx/contracts'

/** A file in memory. What it was made with belongs to somebody else, and is copied before the first write. */
interface FastFile {
  bytes: Uint8Array
  borrowed: boolean
}

const nothing: FastFile = { bytes: new Uint8Array(0), borrowed: true }

/** Files in memory without a disk behind them, as quick as can be: for tests that open a journal a million times. */
export class FastFiles implements Files {
  readonly #files = new Map<string, FastFile>()
  readonly #open = new Map<number, FastFile>()
  #next = 1

  /** @param contents what there is at the start, by path; never written to */
  constructor(contents: ReadonlyMap<string, Uint8Array> = new Map()) {
    for (const [path, bytes] of contents) this.#files.set(path, { bytes, borrowed: true })
  }

  /** What the files hold, by path. */
  get contents(): Map<string, Uint8Array> {
    return new Map([...this.#files].map(([path, { bytes }]) => [path, bytes.slice()]))
  }

  /** Sets what a file holds: how a test damages one. */
  replace(path: string, content: Uint8Array): void {
    this.#files.set(path, { bytes: content, borrowed: true })
  }

  submit(request: FileRequest): void {
    try {
      request.result = this.#carryOut(request)
      request.state = 'done'
    } catch (error) {
      request.error = error as Error
      request.state = 'failed'
    }
  }

  poll(): void {}

  #carryOut(request: FileRequest): number {
    const { operation, path, target, handle } = request
    switch (operation) {
      case 'open':
        this.#open.set(this.#next, this.#find(path, request.mode))
        return this.#next++
      case 'lock':
        return this.#next++
      case 'read':
        return read(this.#open.get(handle) ?? nothing, request)
      case 'write':
        return write(this.#open.get(handle) ?? nothing, request)
      case 'size':
        return (this.#open.get(handle) ?? nothing).bytes.length
      case 'truncate':
        resize(this.#open.get(handle) ?? nothing, request.length)
        return 0
      case 'list':
        request.names = [...this.#files.keys()].map(key => key.slice(key.lastIndexOf('/') + 1)).sort()
        return request.names.length
      case 'rename':
        this.#files.set(target, this.#find(path, 'write'))
        this.#files.delete(path)
        return 0
      case 'remove':
        this.#files.delete(path)
        return 0
      default:
        return 0
    }
  }

  #find(path: string, mode: FileRequest['mode']): FastFile {
    let file = this.#files.get(path)
    if (file === undefined) {
      if (mode === 'read' || mode === 'write') throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
      file = { bytes: new Uint8Array(0), borrowed: false }
      this.#files.set(path, file)
    }
    return file
  }
}

function read({ bytes }: FastFile, { buffer, offset, length, position }: FileRequest): number {
  const from = bytes.subarray(position, position + length)
  buffer.set(from, offset)
  return from.length
}

function write(file: FastFile, { buffer, offset, length, position }: FileRequest): number {
  resize(file, Math.max(file.bytes.length, position + length))
  file.bytes.set(buffer.subarray(offset, offset + length), position)
  return length
}

function resize(file: FastFile, size: number): void {
  if (size === file.bytes.length && !file.borrowed) return
  const bytes = new Uint8Array(size)
  bytes.set(file.bytes.subarray(0, size))
  file.bytes = bytes
  file.borrowed = false
}
