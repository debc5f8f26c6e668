import type { FileRequest, Files } from '@disruptorx/contracts'

/** One request that changes a disk, or makes such a change last. */
export interface Recorded {
  readonly operation: FileRequest['operation']
  /** Name of the file, as it is at that moment, without its directory; of the directory itself, its path. */
  readonly name: string
  /** Of a rename. */
  readonly target: string
}

const changes = ['write', 'datasync', 'truncate', 'rename', 'remove', 'make-directory', 'sync-directory', 'lock', 'open']

/** Files that write down the order of what changes them. */
export class RecordingFiles implements Files {
  readonly #files: Files
  readonly #names = new Map<number, { name: string }>()
  readonly #byName = new Map<string, { name: string }>()
  readonly all: Recorded[] = []

  constructor(files: Files) {
    this.#files = files
  }

  submit(request: FileRequest): void {
    this.#files.submit(request)
    if (request.state === 'done') this.#record(request)
  }

  poll(): void {
    this.#files.poll()
  }

  /** What was recorded from a point on, one line each; equal lines that follow one another are one. */
  linesFrom(start: number): string[] {
    const lines = this.all.slice(start).map(({ operation, name, target }) => `${operation} ${name}${target === '' ? '' : ` to ${target}`}`)
    return lines.filter((line, i) => line !== lines[i - 1])
  }

  #record({ operation, path, target, handle, result, mode }: FileRequest): void {
    const base = path.slice(path.lastIndexOf('/') + 1)
    if (operation === 'open') {
      const file = this.#byName.get(base) ?? { name: base }
      this.#byName.set(base, file)
      this.#names.set(result, file)
      // Only what may make a file changes the directory.
      if (mode === 'read' || mode === 'write') return
    }
    if (operation === 'rename') {
      const file = this.#byName.get(base) ?? { name: base }
      file.name = target.slice(target.lastIndexOf('/') + 1)
      this.#byName.delete(base)
      this.#byName.set(file.name, file)
    }
    if (!changes.includes(operation)) return
    const isOfDirectory = operation === 'make-directory' || operation === 'sync-directory'
    const named = operation === 'write' || operation === 'datasync' || operation === 'truncate' ? this.#names.get(handle)?.name : undefined
    const newName = operation === 'rename' ? target.slice(target.lastIndexOf('/') + 1) : ''
    this.all.push({ operation, name: named ?? (isOfDirectory ? path : base), target: newName })
  }
}
