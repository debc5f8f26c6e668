import type { FileRequest, Files } from '@disruptorx/contracts'

/** Files in memory without a disk behind them, as quick as can be: for tests that open a journal a hundred thousand times. */
export class FastFiles implements Files {
  readonly #files: Map<string, { bytes: Uint8Array }>
  readonly #open = new Map<number, { bytes: Uint8Array }>()
  #next = 1

  constructor(contents: ReadonlyMap<string, Uint8Array>) {
    this.#files = new Map([...contents].map(([path, content]) => [path, { bytes: content.slice() }]))
  }

  /** What the files hold, by path. */
  get contents(): Map<string, Uint8Array> {
    return new Map([...this.#files].map(([path, { bytes }]) => [path, bytes]))
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
    const { operation, path, target, handle, buffer, offset, length, position } = request
    const file = this.#open.get(handle) ?? { bytes: new Uint8Array(0) }
    switch (operation) {
      case 'open':
        this.#open.set(this.#next, this.#find(path, request.mode))
        return this.#next++
      case 'lock':
        return this.#next++
      case 'read': {
        const from = file.bytes.subarray(position, position + length)
        buffer.set(from, offset)
        return from.length
      }
      case 'write':
        resize(file, Math.max(file.bytes.length, position + length))
        file.bytes.set(buffer.subarray(offset, offset + length), position)
        return length
      case 'size':
        return file.bytes.length
      case 'truncate':
        resize(file, length)
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

  #find(path: string, mode: FileRequest['mode']): { bytes: Uint8Array } {
    let file = this.#files.get(path)
    if (file === undefined) {
      if (mode === 'read' || mode === 'write') throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
      file = { bytes: new Uint8Array(0) }
      this.#files.set(path, file)
    }
    return file
  }
}

function resize(file: { bytes: Uint8Array }, size: number): void {
  if (size === file.bytes.length) return
  const bytes = new Uint8Array(size)
  bytes.set(file.bytes.subarray(0, size))
  file.bytes = bytes
}
