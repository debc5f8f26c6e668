import type { FileOperation, FileRequest } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import { OverlappedFiles } from '../src/platform/overlapped-files.ts'
import { NO_ANSWER } from '../src/platform/sync-queue.ts'
import { FastFiles } from './fast-files.ts'
import { ScriptedSyncer } from './overlapped/scripted-syncer.ts'

const EIO = -5
const ENOSPC = -28
const LEAST = 4096

/** Overlapped files whose last large write was followed by a sync: the next one is left to the other thread, of which the test says what it does. */
class Scene {
  readonly syncer = new ScriptedSyncer()
  /** What was not left to the other thread. */
  readonly own: string[] = []
  readonly memory = new SharedArrayBuffer(4 * LEAST)
  readonly files: OverlappedFiles
  readonly one: number
  readonly other: number

  constructor() {
    const disk = new FastFiles()
    const submit = (request: FileRequest) => {
      this.own.push(request.operation)
      disk.submit(request)
    }
    this.files = new OverlappedFiles({ submit, poll: () => {} }, this.syncer, LEAST)
    this.one = this.submit('open', { path: 'one', mode: 'create' }).result
    this.other = this.submit('open', { path: 'other', mode: 'create' }).result
    expect(this.write().state).toBe('done')
    const sync = this.submit('datasync')
    this.answer(0, 0)
    expect(sync.state).toBe('done')
    this.own.length = 0
  }

  submit(operation: FileOperation, fields: Partial<FileRequest> = {}): FileCall {
    const call = Object.assign(new FileCall(), { operation, handle: this.one, ...fields })
    this.files.submit(call)
    return call
  }

  write(fields: Partial<FileRequest> = {}): FileCall {
    return this.submit('write', { buffer: new Uint8Array(this.memory), length: LEAST, ...fields })
  }

  /** Leaves a write to the other thread, which answers at once. */
  leave(outcome = 0, written = LEAST): FileCall {
    const write = this.write()
    expect(write.state).toBe('pending')
    this.answer(outcome, written)
    return write
  }

  answer(outcome = 0, written = LEAST): void {
    this.syncer.answer(outcome, written)
    this.files.poll()
  }
}

describe('overlapped files, of large writes', () => {
  it('leave one with its sync to the other thread, and tell either done when both are', () => {
    const scene = new Scene()
    const { files, syncer, own, memory, one } = scene
    const write = scene.write({ buffer: new Uint8Array(memory, LEAST, 2 * LEAST), offset: 96, length: LEAST + 4, position: 2 ** 33 })
    expect(syncer.memory).toBe(memory)
    expect(syncer.asked).toEqual([one, LEAST + 96, LEAST + 4, 2 ** 33])
    files.poll()
    expect([write.state, files.busy, files.wait(0)]).toEqual(['pending', true, false])
    syncer.answer()
    expect([write.state, files.wait(0)]).toEqual(['pending', true])
    files.poll()
    expect([write.state, write.result, files.busy]).toEqual(['done', LEAST + 4, false])
    expect(scene.submit('datasync')).toMatchObject({ state: 'done', result: 0, error: undefined })
    expect([own, syncer.asked]).toEqual([[], undefined])
    // Once only.
    scene.submit('datasync')
    expect(own).toEqual(['datasync'])
  })

  it.each<[string, (scene: Scene) => unknown]>([
    ['a write to it', scene => scene.write({ length: 1 })],
    ['a write to another file', scene => scene.write({ handle: scene.other, length: 1 })],
    ['a write that was done meanwhile', () => {}],
    ['a truncation', scene => scene.submit('truncate', { length: 5 })],
    ['a closing', scene => scene.submit('close', { handle: scene.other })],
  ])('ask for a sync of its own once something may be newer: %s', (_, change) => {
    const scene = new Scene()
    const write = scene.write()
    if (change.length === 0) scene.write({ handle: scene.other, length: 1 })
    scene.answer()
    expect(write.state).toBe('done')
    change(scene)
    scene.own.length = 0
    scene.submit('datasync')
    // By whom is not the point.
    expect(scene.own.length > 0 || scene.syncer.asked !== undefined).toBe(true)
  })

  it('keep the answer of a sync while files are only read', () => {
    const scene = new Scene()
    scene.leave()
    scene.submit('size')
    scene.submit('read', { buffer: new Uint8Array(8), length: 8 })
    scene.own.length = 0
    expect([scene.submit('datasync').state, scene.own]).toEqual(['done', []])
  })

  it("never take one file's sync for another's", () => {
    const scene = new Scene()
    const write = scene.write()
    scene.write({ handle: scene.other, length: 1 })
    scene.answer()
    expect(write.state).toBe('done')
    scene.own.length = 0
    scene.submit('datasync', { handle: scene.other })
    expect(scene.own).toEqual(['datasync'])
  })

  it('give back how much of it was written, and sync only when they are asked then', () => {
    for (const written of [0, 1, LEAST - 1]) {
      const scene = new Scene()
      const write = scene.leave(0, written)
      expect(write).toMatchObject({ state: 'done', result: written })
      const rest = scene.write({ offset: written, length: LEAST - written, position: written })
      expect(rest.state).toBe('done')
      const sync = scene.submit('datasync')
      expect([sync.state, scene.own, scene.syncer.asked]).toEqual(['pending', ['write'], [scene.one, 0, 0, 0]])
      scene.answer(0, 0)
      expect(sync.state).toBe('done')
    }
  })

  it('fail it when the write failed, and go on to no sync', () => {
    const scene = new Scene()
    const write = scene.leave(ENOSPC, 0)
    expect(write).toMatchObject({ state: 'failed', error: { code: 'ENOSPC', errno: ENOSPC, syscall: 'write' } })
    scene.submit('datasync')
    expect(scene.syncer.asked).toEqual([scene.one, 0, 0, 0])
  })

  it('fail the sync behind it when that failed, and not the write', () => {
    const scene = new Scene()
    const write = scene.leave(EIO)
    expect(write).toMatchObject({ state: 'done', result: LEAST })
    expect(scene.submit('datasync')).toMatchObject({ state: 'failed', error: { code: 'EIO', errno: EIO, syscall: 'fdatasync' } })
    expect(scene.own).toEqual([])
  })

  it('keep a sync that failed until it is asked for, whatever comes before: the system tells it once', () => {
    const scene = new Scene()
    scene.leave(EIO)
    // Another large write to another file, and its sync, so that the next one would be left again.
    scene.write({ handle: scene.other })
    const sync = scene.submit('datasync', { handle: scene.other })
    scene.answer(0, 0)
    expect(sync.state).toBe('done')
    expect(scene.write().state).toBe('done')
    scene.submit('truncate', { length: 5 })
    expect(scene.submit('datasync')).toMatchObject({ state: 'failed', error: { code: 'EIO' } })
    scene.own.length = 0
    scene.submit('datasync')
    expect(scene.own).toEqual(['datasync'])
  })

  it('fail it when the other thread dies, and take no sync for done', () => {
    for (const written of [0, LEAST]) {
      const scene = new Scene()
      expect(scene.leave(NO_ANSWER, written)).toMatchObject({ state: 'failed', error: { code: 'DX_THREAD_DIED' } })
      scene.syncer.ready = false
      scene.submit('datasync')
      expect(scene.own).toEqual(['datasync'])
    }
  })

  it('let what comes for that file wait for it, in order', () => {
    const scene = new Scene()
    const write = scene.write()
    const behind = [
      scene.submit('datasync'),
      scene.write({ length: 100, position: LEAST }),
      scene.submit('datasync'),
      scene.submit('size'),
      scene.submit('close'),
    ]
    expect(behind.map(({ state }) => state)).toEqual(behind.map(() => 'pending'))
    scene.answer()
    expect([write, ...behind].map(({ state }) => state)).toEqual(['done', ...behind.map(() => 'done')])
    // The sync behind it is answered, the one behind the next write is not.
    expect(scene.own).toEqual(['write', 'datasync', 'size', 'close'])
  })

  it('leave none while nobody asks for syncs, and the next one after a sync was asked for', () => {
    const scene = new Scene()
    scene.leave()
    for (let i = 0; i < 3; i++) expect(scene.write().state).toBe('done')
    const sync = scene.submit('datasync')
    expect(scene.syncer.asked).toEqual([scene.one, 0, 0, 0])
    scene.answer(0, 0)
    expect(sync.state).toBe('done')
    expect(scene.write().state).toBe('pending')
  })

  it('leave none after a sync that did not come right behind a large write', () => {
    const scene = new Scene()
    scene.leave()
    scene.submit('truncate', { length: LEAST })
    const sync = scene.submit('datasync')
    scene.answer(0, 0)
    expect([sync.state, scene.write().state]).toEqual(['done', 'done'])
  })

  it.each<[string, Partial<FileRequest>]>([
    ['is smaller', { length: LEAST - 1 }],
    ['is not in shared memory', { buffer: new Uint8Array(LEAST) }],
    ['is in other shared memory', { buffer: new Uint8Array(new SharedArrayBuffer(LEAST)) }],
    ['reaches beyond its buffer', { offset: 3 * LEAST + 1 }],
  ])('write what the other thread cannot or need not: what %s', (_, fields) => {
    const scene = new Scene()
    scene.write(fields)
    expect([scene.own, scene.syncer.asked]).toEqual([['write'], undefined])
  })

  it('write what comes while the other thread is busy with another file, has died, or was let go', () => {
    const scene = new Scene()
    const write = scene.write()
    for (let i = 0; i < 2; i++) {
      expect(scene.write({ handle: scene.other }).state).toBe('done')
      expect(scene.submit('datasync', { handle: scene.other }).state).toBe('done')
    }
    scene.answer()
    expect(write.state).toBe('done')
    const ended = new Scene()
    ended.files.close()
    expect(ended.write().state).toBe('done')
  })
})
