import { mkdirSync } from 'node:fs'
import { SimulatedFiles, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type JournalStep, nodeFiles, openJournalStep } from '../src/index.ts'
import { appendText, KIB, readAll } from './journals.ts'
import { openOn, run } from './model.ts'

describe('a fault beside the data', () => {
  it('in the file that names the process neither stops an opening nor a closing, nor keeps the lock', () => {
    using dir = temporaryDirectory()
    mkdirSync(`${dir.path}/lock.pid`)
    for (let opening = 1; opening <= 2; opening++) {
      const journal = run(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB }))
      appendText(journal, `${opening}`)
      run(journal.close())
    }
    const journal = run(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB }))
    expect(readAll(journal)).toEqual(['1', '2'])
    run(journal.close())
  })

  it('in the closing of the last segment gives the directory back', () => {
    let armed = false
    const files = new SimulatedFiles({
      seed: 1,
      fault: ({ operation }) => {
        if (!armed || operation !== 'close') return undefined
        // The segment's file is closed first, then the lock.
        armed = false
        return 'EIO'
      },
    })
    const journal = openOn(files) as JournalStep
    appendText(journal, 'one')
    armed = true
    expect(() => run(journal.close())).toThrow('EIO')
    expect(armed).toBe(false)
    expect(readAll(openOn(files) as JournalStep)).toEqual(['one'])
  })

  it.each(['EACCES', 'EINVAL', 'EROFS', 'EPERM'] as const)('of %s in the sync of a directory far above does not matter', code => {
    let met = 0
    const files = new SimulatedFiles({
      seed: 1,
      fault: request => {
        if (request.operation !== 'sync-directory' || request.path !== '/a') return undefined
        met++
        return code as 'EIO'
      },
    })
    run(openJournalStep(files, { dir: '/a/b/journal', segmentBytes: 64 * KIB }))
    expect(met).toBe(1)
  })

  it.each([
    ['/a/b', 'EINVAL'],
    ['/a', 'EIO'],
  ])('in the sync of %s of %s is told: the new journal could be lost', (path, code) => {
    const files = new SimulatedFiles({
      seed: 1,
      fault: request => (request.operation === 'sync-directory' && request.path === path ? (code as 'EIO') : undefined),
    })
    expect(() => run(openJournalStep(files, { dir: '/a/b/journal', segmentBytes: 64 * KIB }))).toThrow(code)
  })
})
