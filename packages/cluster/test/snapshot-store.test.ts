import { runBlocking } from '@disruptorx/contracts/internal'
import { SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { SnapshotBuffer, SnapshotInput } from '../src/snapshot/snapshot-buffer.ts'
import { SnapshotStore } from '../src/snapshot/snapshot-store.ts'

const DIR = 'snapshots'

function write(files: SimulatedFiles, index: number): number {
  const body = new SnapshotBuffer()
  body.write(Uint8Array.of(1, 2, 3))
  for (let chunk = 0; chunk < 5; chunk++) body.write(new Uint8Array(1000).fill(index + chunk))
  const facts = { index, term: 1, time: 12.5, events: index * 10, appVersion: 3, appHash: 0xdeadbeef }
  return runBlocking(new SnapshotStore(files, DIR).write(facts, body, 3))
}

const open = (files: SimulatedFiles) => runBlocking(new SnapshotStore(files, DIR).open())
const path = (index: number) => `${DIR}/${String(index).padStart(16, '0')}.snapshot`

describe('a snapshot store', () => {
  it('gives back what was written, keeps the two newest, and says what both cover', () => {
    const files = new SimulatedFiles({ seed: 1 })
    expect(open(files)).toEqual({ newest: undefined, releasableIndex: 0, damaged: [] })
    expect(write(files, 5)).toBe(0)
    expect(write(files, 9)).toBe(5)
    expect(write(files, 20)).toBe(9)
    const { newest, releasableIndex } = open(files)
    expect(releasableIndex).toBe(9)
    expect(newest?.facts).toEqual({ index: 20, term: 1, time: 12.5, events: 200, appVersion: 3, appHash: 0xdeadbeef })
    expect(newest?.sessions).toEqual(Uint8Array.of(1, 2, 3))
    expect(newest?.state.length).toBe(5000)
    expect(newest?.state[4999]).toBe(24)
    expect(files.content(path(5))).toBeUndefined()
  })

  it('passes over a damaged one, wherever the damage is, and takes the one before', () => {
    const files = new SimulatedFiles({ seed: 1 })
    write(files, 5)
    write(files, 9)
    const whole = files.content(path(9)) as Uint8Array
    for (const at of [0, 9, 17, 40, 60, 70, whole.length - 1]) {
      const damaged = whole.slice()
      damaged[at] = (damaged[at] as number) ^ 1
      files.replace(path(9), damaged)
      const found = open(files)
      expect(files.content(`${path(9)}.damaged`)).toBeDefined()
      expect(found.newest?.facts.index, `damage at ${at}`).toBe(5)
      expect(found.releasableIndex).toBe(0)
      expect(found.damaged.map(({ code }) => code)).toEqual(['DX_SNAPSHOT'])
    }
    for (const cut of [0, 10, 100, whole.length - 1]) {
      files.replace(path(9), whole.slice(0, cut))
      expect(open(files).newest?.facts.index, `cut at ${cut}`).toBe(5)
    }
  })

  it('never counts a damaged one as one of the two that are kept', () => {
    const files = new SimulatedFiles({ seed: 1 })
    write(files, 5)
    write(files, 9)
    const damaged = (files.content(path(9)) as Uint8Array).slice()
    damaged[100] = (damaged[100] as number) ^ 1
    files.replace(path(9), damaged)
    open(files)
    expect(write(files, 20)).toBe(5)
    expect(files.content(path(5))).toBeDefined()
  })

  it('takes the one before when the disk cannot read the newest', () => {
    const files = new SimulatedFiles({ seed: 1 })
    write(files, 5)
    write(files, 9)
    let reads = 0
    const failing = files.restart({ fault: request => (request.operation === 'read' && ++reads === 1 ? 'EIO' : undefined) })
    const { newest, damaged } = open(failing)
    expect(newest?.facts.index).toBe(5)
    expect(damaged[0]?.message).toContain('the disk cannot read it')
  })

  it('refuses a newer format by name instead of passing it over', () => {
    const files = new SimulatedFiles({ seed: 1 })
    write(files, 5)
    const newer = (files.content(path(5)) as Uint8Array).slice()
    newer[4] = 2
    files.replace(path(5), newer)
    expect(() => open(files)).toThrow('has format 2; this version reads up to 1')
  })

  it('has the old or the new one whole after a crash at any moment', async () => {
    const check = (random: { u32(): number; below(n: number): number }) => {
      let files = new SimulatedFiles({ seed: random.u32() })
      runBlocking(new SnapshotStore(files, DIR).open())
      write(files, 5)
      files = files.restart({ stopAfter: random.below(16) })
      let done = false
      try {
        write(files, 9)
        done = true
      } catch {
        expect(files.stopped).toBe(true)
      }
      files = files.crash({})
      const { newest, damaged } = open(files)
      expect(damaged).toEqual([])
      if (done) expect(newest?.facts.index).toBe(9)
      else expect([5, 9]).toContain(newest?.facts.index)
    }
    await withSeed('a snapshot that is being written', check, { count: 200 })
  })
})

describe('the input of a snapshot', () => {
  it('gives bytes in pieces of any size, and refuses to give more than there are', () => {
    const input = new SnapshotInput('s', Uint8Array.of(1, 2, 3))
    const two = new Uint8Array(2)
    input.read(two)
    expect([...two]).toEqual([1, 2])
    expect(() => input.read(two)).toThrow('it ends 1 bytes before its state does')
    expect(input.left).toBe(1)
  })
})
