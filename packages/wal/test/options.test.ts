import { describe, expect, it } from 'vitest'
import type { JournalOptions, JournalStepOptions } from '../src/index.ts'
import { resolveJournalStepOptions } from '../src/options.ts'
import { resolveJournalOptions } from '../src/thread/options.ts'
import { codeOf, KIB } from './journals.ts'

const MIB = KIB * KIB
const refused = (options: Partial<JournalStepOptions>) => codeOf(() => resolveJournalStepOptions({ dir: 'd', ...options })) === 'DX_OPTION'
const refusedOnThread = (options: JournalOptions) => codeOf(() => resolveJournalOptions('d', options)) === 'DX_OPTION'

describe('the options of a journal that is stepped', () => {
  it('have the defaults that they document', () => {
    expect(resolveJournalStepOptions({ dir: 'd/' })).toMatchObject({
      dir: 'd',
      segmentBytes: 64 * MIB,
      durability: 'fsync',
      intervalMs: 10,
      maxBatchBytes: MIB,
      maxRecordBytes: 256 * KIB,
      verify: 'unsealed',
      spares: undefined,
    })
  })

  it('mean the same directory with slashes at its end', () => {
    for (const dir of ['a/b', 'a/b/', 'a/b//']) expect(resolveJournalStepOptions({ dir }).dir).toBe('a/b')
    for (const dir of ['/', '//']) expect(resolveJournalStepOptions({ dir }).dir).toBe('/')
  })

  it('are taken up to their bounds and refused past them', () => {
    for (const segmentBytes of [16 * KIB, 1024 * MIB]) expect(refused({ segmentBytes })).toBe(false)
    for (const segmentBytes of [8 * KIB, 64 * KIB + 1, 2048 * MIB]) expect(refused({ segmentBytes })).toBe(true)
    for (const intervalMs of [1, 60_000]) expect(refused({ intervalMs })).toBe(false)
    for (const intervalMs of [0, 1.5, 60_001]) expect(refused({ intervalMs })).toBe(true)
    for (const maxBatchBytes of [4 * KIB, 16 * MIB]) expect(refused({ maxBatchBytes })).toBe(false)
    for (const maxBatchBytes of [4 * KIB - 1, 16 * MIB + 1]) expect(refused({ maxBatchBytes })).toBe(true)
    for (const maxRecordBytes of [1, MIB - 1184]) expect(refused({ maxRecordBytes })).toBe(false)
    for (const maxRecordBytes of [0, MIB - 1183]) expect(refused({ maxRecordBytes })).toBe(true)
    expect(refused({ dir: '' })).toBe(true)
    expect(refused({ durability: 'sometimes' as 'none' })).toBe(true)
    expect(refused({ verify: 'some' as 'all' })).toBe(true)
  })

  it('keep a batch within a segment, and a record within a batch', () => {
    expect(resolveJournalStepOptions({ dir: 'd', segmentBytes: 64 * KIB })).toMatchObject({
      maxBatchBytes: 32 * KIB,
      maxRecordBytes: 32 * KIB - 1184,
    })
    expect(resolveJournalStepOptions({ dir: 'd', maxBatchBytes: 8 * KIB + 1 }).maxBatchBytes).toBe(12 * KIB)
  })
})

describe('the options of a journal on a thread', () => {
  it('mean the same directory with slashes at its end', () => {
    for (const dir of ['a/b', 'a/b/', 'a/b//']) expect(resolveJournalStepOptions({ dir }).dir).toBe('a/b')
    for (const dir of ['/', '//']) expect(resolveJournalStepOptions({ dir }).dir).toBe('/')
  })

  it('are taken up to their bounds and refused past them', () => {
    expect(resolveJournalOptions('d', {})).toMatchObject({ bufferBytes: 4 * MIB, spareSegments: 1 })
    for (const bufferBytes of [2 * MIB, 1024 * MIB]) expect(refusedOnThread({ bufferBytes })).toBe(false)
    for (const bufferBytes of [32 * KIB, 3 * MIB, 2048 * MIB]) expect(refusedOnThread({ bufferBytes })).toBe(true)
    for (const spareSegments of [0, 8]) expect(refusedOnThread({ spareSegments })).toBe(false)
    for (const spareSegments of [-1, 9]) expect(refusedOnThread({ spareSegments })).toBe(true)
    expect(refusedOnThread({ bufferBytes: 64 * KIB, maxRecordBytes: 16 * KIB - 32 })).toBe(false)
    expect(refusedOnThread({ bufferBytes: 64 * KIB, maxRecordBytes: 16 * KIB - 31 })).toBe(true)
  })
})
