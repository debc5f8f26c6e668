import { fileURLToPath } from 'node:url'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { readAndGoOn } from './full-disk/filling.ts'
import { canMount, withMount } from './full-disk/mount.ts'
import { KIB } from './journals.ts'

const smallDisk = fileURLToPath(new URL('./full-disk/small-disk.ts', import.meta.url))
const leaving = fileURLToPath(new URL('./full-disk/leave.ts', import.meta.url))
const limited = fileURLToPath(new URL('./full-disk/limited.ts', import.meta.url))

describe('a journal that gets no more room', () => {
  it.skipIf(!canMount())('on a full disk stops, is read while that is full, and takes more when there is room', async () => {
    using dir = temporaryDirectory()
    const mount = withMount(`mount -t tmpfs -o size=1m tmpfs ${dir.path}`, [process.execPath, smallDisk, dir.path])
    const { stdout, stderr } = await runProcess(mount)
    expect([stdout.trim().split('\n'), stderr]).toEqual([
      [
        'stopped: DX_JOURNAL_STOPPED ENOSPC',
        'full: everything, then DX_JOURNAL_STOPPED ENOSPC',
        'full: everything, then DX_JOURNAL_STOPPED ENOSPC',
        'full: everything, then DX_JOURNAL_STOPPED ENOSPC',
        'room: everything',
      ],
      '',
    ])
  })

  it.skipIf(!canMount())('killed, is refused by the full disk with how much room it needs, and opens when there is just that', async () => {
    using dir = temporaryDirectory()
    const mount = `mount -t tmpfs -o size=1m tmpfs ${dir.path} && ${process.execPath} ${leaving} ${dir.join('journal')} 5`
    const { stdout, stderr } = await runProcess(withMount(mount, [process.execPath, smallDisk, dir.path, 'killed']))
    const refused = 'full: DX_DISK_FULL 20480'
    expect([stdout.trim().split('\n'), stderr]).toEqual([
      [refused, refused, refused, 'room for that: 5, then DX_JOURNAL_STOPPED ENOSPC'],
      '',
    ])
  })

  it('by a limit on the size of files, stops, and has everything without the limit', async () => {
    using dir = temporaryDirectory()
    const path = dir.join('journal')
    expect(readAndGoOn(path, 64 * KIB)).toBe(0)
    // In blocks of 512 bytes or 1 KiB, as the shell likes: more than the first segment has, less than the next is to have.
    const script = 'ulimit -f 256 && exec "$@"'
    const { stdout, stderr } = await runProcess({
      command: 'sh',
      args: ['-c', script, 'sh', process.execPath, limited, path, `${1024 * KIB}`],
    })
    expect(stderr).toBe('')
    const [durable, ended] = stdout.trim().split('\n')
    expect(ended).toBe('DX_JOURNAL_STOPPED EFBIG')
    expect(Number(durable)).toBeGreaterThan(10)
    expect(readAndGoOn(path, 1024 * KIB)).toBeGreaterThanOrEqual(Number(durable))
    expect(readAndGoOn(path, 64 * KIB)).toBeGreaterThan(Number(durable))
  })
})
