import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FileCall } from '@disruptorx/contracts/internal'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { type OverlappedFiles, overlappedFiles } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { codeOf } from './journals.ts'
import { faultyThread } from './overlapped/faulty-thread.ts'

/** A request for a file that was written to: what is not in shared memory, the other thread cannot write. */
function request(operation: 'write' | 'datasync' | 'close' | 'size', handle: number): FileCall {
  return Object.assign(new FileCall(), { operation, handle, buffer: new Uint8Array(4096).fill(1), length: 4096 })
}

function submit(files: OverlappedFiles, operation: 'write' | 'datasync' | 'close', handle: number): FileCall {
  const call = request(operation, handle)
  files.submit(call)
  return call
}

/** Starts the other thread, and writes and syncs until a sync was left to it. */
async function overlap(files: OverlappedFiles, handle: number): Promise<FileCall> {
  files.submit(Object.assign(request('write', handle), { buffer: new Uint8Array(new SharedArrayBuffer(8192)), length: 8192 }))
  submit(files, 'datasync', handle)
  for (;;) {
    for (let i = 0; i < 2; i++) submit(files, 'write', handle)
    const sync = submit(files, 'datasync', handle)
    if (sync.state === 'pending') return sync
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

function settle(files: OverlappedFiles, sync: FileCall): void {
  while (sync.state === 'pending') {
    files.wait(10)
    files.poll()
  }
}

describe('overlapped files, of syncs alone', () => {
  it('let what comes for a file that is being synced wait, in order, and nothing else', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const [one, other] = [openSync(dir.join('one'), 'w+'), openSync(dir.join('other'), 'w+')]
    const sync = await overlap(files, one)
    const behind = [Object.assign(request('write', one), { position: 4096 }), request('size', one), request('close', one)]
    for (const each of behind) {
      files.submit(each)
      expect(each.state).toBe('pending')
    }
    for (const operation of ['write', 'datasync', 'close'] as const) {
      expect(submit(files, operation, other).state).toBe('done')
    }
    settle(files, sync)
    expect(sync).toMatchObject({ state: 'done', result: 0 })
    expect(behind.map(({ state, result }) => [state, result])).toEqual([
      ['done', 4096],
      ['done', 8192],
      ['done', 0],
    ])
    expect(readFileSync(dir.join('one')).length).toBe(8192)
    files.close()
  })

  it("give the system's error of a sync that another thread asked for", async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const handle = openSync(dir.join('file'), 'w+')
    settle(files, await overlap(files, handle))
    submit(files, 'write', handle)
    closeSync(handle)
    const sync = submit(files, 'datasync', handle)
    expect(sync.state).toBe('pending')
    settle(files, sync)
    expect(sync).toMatchObject({ state: 'failed', error: { code: 'EBADF', syscall: 'fdatasync' } })
    files.close()
  })

  it('let a write that fails meanwhile fail by itself, at once or in its turn', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('other'), '')
    const files = overlappedFiles({ leastBytes: 4096 })
    const [one, other] = [openSync(dir.join('one'), 'w+'), openSync(dir.join('other'), 'r')]
    const sync = await overlap(files, one)
    expect(submit(files, 'write', other)).toMatchObject({ state: 'failed', error: { code: 'EBADF' } })
    // More than its buffer holds.
    const behind = Object.assign(request('write', one), { length: 8192 })
    files.submit(behind)
    expect(behind.state).toBe('pending')
    settle(files, sync)
    expect(sync.state).toBe('done')
    expect(behind).toMatchObject({ state: 'failed', error: { code: 'ERR_OUT_OF_RANGE' } })
    files.close()
  })

  it('finish a sync that is under way when they are closed, and sync themselves from then on', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const handle = openSync(dir.join('file'), 'w+')
    const sync = await overlap(files, handle)
    files.close()
    settle(files, sync)
    expect(sync).toMatchObject({ state: 'done', result: 0 })
    submit(files, 'write', handle)
    expect(submit(files, 'datasync', handle).state).toBe('done')
    closeSync(handle)
  })

  it('sync themselves when their thread has died while it had nothing to do', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096, workerUrl: faultyThread('retires') })
    const handle = openSync(dir.join('file'), 'w+')
    settle(files, await overlap(files, handle))
    const again = () => {
      submit(files, 'write', handle)
      return submit(files, 'datasync', handle)
    }
    let sync = again()
    if (sync.state === 'pending') {
      // Asked for in the moment in which it died.
      settle(files, sync)
      expect(sync).toMatchObject({ state: 'failed', error: { code: 'DX_THREAD_DIED' } })
      sync = again()
    }
    expect(sync.state).toBe('done')
    closeSync(handle)
  })

  it('fail a sync whose thread breaks meanwhile', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096, workerUrl: faultyThread('throws') })
    const handle = openSync(dir.join('file'), 'w+')
    const sync = await overlap(files, handle)
    while (sync.state === 'pending') {
      await new Promise(resolve => setTimeout(resolve, 1))
      files.poll()
    }
    expect(sync).toMatchObject({ state: 'failed', error: { code: 'DX_THREAD_DIED' } })
    closeSync(handle)
  })

  it('sync on their own thread what is less than asked for, and everything once they are closed', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 8192 })
    const handle = openSync(dir.join('file'), 'w+')
    const write = () => submit(files, 'write', handle)
    const sync = () => submit(files, 'datasync', handle)
    write()
    expect(sync().state).toBe('done')
    settle(files, await overlap(files, handle))
    // What was synced once does not count again.
    write()
    expect(sync().state).toBe('done')
    write()
    expect(sync().state).toBe('done')
    files.close()
    files.close()
    write()
    write()
    expect(sync().state).toBe('done')
    closeSync(handle)
  })

  it('refuse a bound that is none', () => {
    expect(codeOf(() => overlappedFiles({ leastBytes: 0 }))).toBe('DX_OPTION')
    expect(overlappedFiles({ leastBytes: 1 }).busy).toBe(false)
    expect(overlappedFiles({ leastBytes: 1024 ** 3 }).busy).toBe(false)
    expect(codeOf(() => overlappedFiles({ leastBytes: 1024 ** 3 + 1 }))).toBe('DX_OPTION')
  })
})

describe('overlapped files, of large writes by a thread', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(4 * 4096))
  for (let i = 0; i < bytes.length; i++) bytes[i] = i >> 5

  /** Writes from shared memory and syncs until a write was left to the other thread. */
  async function leave(files: OverlappedFiles, handle: number, fields: Partial<FileCall>): Promise<FileCall> {
    for (;;) {
      const write = Object.assign(request('write', handle), { buffer: bytes, ...fields })
      files.submit(write)
      if (write.state === 'pending') return write
      settle(files, submit(files, 'datasync', handle))
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }

  /** Has a write to one file left to the other thread, and then another one to another. */
  async function left(path: string, flags: string): Promise<{ readonly files: OverlappedFiles; readonly write: FileCall }> {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const one = openSync(dir.join('one'), 'w+')
    settle(files, await leave(files, one, {}))
    submit(files, 'datasync', one)
    closeSync(one)
    const handle = openSync(path, flags)
    const write = Object.assign(request('write', handle), { buffer: bytes })
    files.submit(write)
    expect(write.state).toBe('pending')
    settle(files, write)
    return { files, write }
  }

  it('put the bytes where they belong, and all of them', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const handle = openSync(dir.join('file'), 'w+')
    const view = bytes.subarray(4096)
    settle(files, await leave(files, handle, { buffer: view, offset: 33, length: 8192, position: 5000 }))
    expect(submit(files, 'datasync', handle)).toMatchObject({ state: 'done', result: 0 })
    expect(readFileSync(dir.join('file')).subarray(5000)).toEqual(Buffer.from(view.slice(33, 33 + 8192)))
    files.close()
    closeSync(handle)
  })

  it.runIf(process.platform === 'linux')("give the system's error of a write, and of a sync behind a write", async () => {
    const full = await left('/dev/full', 'w')
    expect(full.write).toMatchObject({ state: 'failed', error: { code: 'ENOSPC', syscall: 'write' } })
    const readOnly = await left('/dev/zero', 'r')
    expect(readOnly.write).toMatchObject({ state: 'failed', error: { code: 'EBADF', syscall: 'write' } })
    // A device takes bytes, and has nothing to sync.
    const { files, write } = await left('/dev/null', 'w')
    expect(write).toMatchObject({ state: 'done', result: 4096 })
    expect(submit(files, 'datasync', write.handle)).toMatchObject({ state: 'failed', error: { code: 'EINVAL', syscall: 'fdatasync' } })
    for (const each of [full, readOnly, { files, write }]) {
      closeSync(each.write.handle)
      each.files.close()
    }
  })

  it.runIf(process.platform === 'linux')('write no more than the system takes, and go on to no sync then', async () => {
    using dir = temporaryDirectory()
    const program = fileURLToPath(new URL('./overlapped/limited-program.ts', import.meta.url))
    const args = ['-c', 'ulimit -f 16 && exec "$@"', 'sh', process.execPath, program, dir.join('file')]
    const { stdout, stderr } = await runProcess({ command: 'sh', args, timeoutMs: 60_000 })
    const said = ['a write: left 4096', 'its sync: left 0', 'a write: left 4096', 'a write: left EFBIG write', '']
    expect([stdout.split('\n'), stderr]).toEqual([said, ''])
  })
})
