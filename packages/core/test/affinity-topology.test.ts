import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../testkit/src/index.ts'
import { checkCores, coreMask, formatCoreList, parseCoreList } from '../src/platform/affinity-cores.ts'
import { nearCores } from '../src/platform/affinity-near.ts'
import { distanceBetween, readTopology, type Topology, topology } from '../src/platform/affinity-topology.ts'
import { codeOf } from './support.ts'

/** Two packages, each a node with two physical cores of two hardware threads: 0-1 and 4-5 on node 0, 2-3 and 6-7 on node 1; 7 is switched off. */
function twoNodes(): Topology {
  using dir = temporaryDirectory()
  const write = (path: string, text: string) => {
    const file = dir.join('devices/system', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${text}\n`)
  }
  write('cpu/online', '0-6')
  for (let core = 0; core < 7; core++) {
    const node = (core >> 1) & 1
    write(`cpu/cpu${core}/topology/physical_package_id`, `${node}`)
    write(`cpu/cpu${core}/topology/thread_siblings_list`, `${core & 3},${(core & 3) + 4}`)
    const caches = [
      ['Data', 1, '48K', `${core & 3},${(core & 3) + 4}`],
      ['Instruction', 1, '32K', `${core & 3},${(core & 3) + 4}`],
      ['Unified', 3, '16M', node === 0 ? '0-1,4-5' : '2-3,6-7'],
    ] as const
    for (const [index, [kind, level, size, cores]] of caches.entries()) {
      const at = `cpu/cpu${core}/cache/index${index}`
      write(`${at}/type`, kind)
      write(`${at}/level`, `${level}`)
      write(`${at}/size`, size)
      write(`${at}/coherency_line_size`, '64')
      write(`${at}/shared_cpu_list`, cores)
    }
  }
  write('node/online', '0-2')
  for (const [node, cores] of ['0-1,4-5', '2-3,6-7', ''].entries()) {
    write(`node/node${node}/cpulist`, cores)
    write(`node/node${node}/distance`, node === 0 ? '10 21 30' : '21 10 30')
    write(`node/node${node}/meminfo`, `Node ${node} MemTotal:       1000 kB\nNode ${node} MemFree:        7 kB`)
  }
  return readTopology(dir.path)
}

describe('a topology', () => {
  it('tells cores, their siblings, packages and nodes', () => {
    const { source, cores, nodes, numa } = twoNodes()
    expect([source, numa]).toEqual(['sysfs', { available: true }])
    expect(cores).toHaveLength(7)
    expect(cores[6]).toEqual({ core: 6, package: 1, node: 1, siblings: [2, 6] })
    expect(nodes).toEqual([
      { node: 0, cores: [0, 1, 4, 5], memoryBytes: 1_024_000, distances: [10, 21, 30] },
      { node: 1, cores: [2, 3, 6], memoryBytes: 1_024_000, distances: [21, 10, 30] },
    ])
  })

  it('tells each cache once, nearest first', () => {
    const { caches } = twoNodes()
    expect(caches.map(({ level, kind, cores }) => `${level} ${kind} ${cores}`)).toEqual([
      '1 data 0,4',
      '1 instruction 0,4',
      '1 data 1,5',
      '1 instruction 1,5',
      '1 data 2,6',
      '1 instruction 2,6',
      '1 data 3,7',
      '1 instruction 3,7',
      '3 unified 0,1,4,5',
      '3 unified 2,3,6,7',
    ])
    expect(caches.map(({ sizeBytes }) => sizeBytes)).toContain(16 * 2 ** 20)
    expect(caches[0]).toMatchObject({ sizeBytes: 48 * 1024, lineBytes: 64 })
  })

  it('says what lies between two cores', () => {
    const machine = twoNodes()
    const distances = [0, 4, 1, 2, 7, 99].map(core => distanceBetween(0, core, machine))
    expect(distances).toEqual(['same', 'siblings', 'shared-cache', 'other-node', 'other-node', 'other-node'])
    expect(distanceBetween(0, 1, { ...machine, caches: [] })).toBe('same-node')
  })

  it('has every core of this machine in one node and one set of siblings', () => {
    const { cores, nodes, numa } = topology()
    expect(cores.length).toBeGreaterThanOrEqual(availableParallelism())
    for (const { core, node, siblings } of cores) {
      expect(siblings).toContain(core)
      expect(nodes.filter(one => one.cores.includes(core)).map(one => one.node)).toEqual([node])
    }
    expect(numa.available).toBe(nodes.length > 1)
    if (!numa.available) expect(numa.reason).toMatch(/NUMA/)
  })

  it('takes what a kernel without NUMA and without cache details tells', () => {
    using dir = temporaryDirectory()
    mkdirSync(dir.join('devices/system/cpu'), { recursive: true })
    writeFileSync(dir.join('devices/system/cpu/online'), '0-1\n')
    const { cores, nodes, caches, numa } = readTopology(dir.path)
    expect(cores).toEqual([0, 1].map(core => ({ core, package: 0, node: 0, siblings: [core] })))
    expect(nodes).toEqual([{ node: 0, cores: [0, 1], memoryBytes: 0, distances: [10] }])
    expect([caches, numa.available]).toEqual([[], false])
  })
})

describe('choosing cores near each other', () => {
  const machine = twoNodes()
  const near = (count: number, among = machine.cores.map(({ core }) => core)) => nearCores(count, { topology: machine, among })

  it('takes physical cores of one node, then their siblings, then another node', () => {
    expect(near(1)).toEqual({ cores: [0], farthest: 'same', numa: { available: true } })
    expect(near(2)).toMatchObject({ cores: [0, 1], farthest: 'shared-cache' })
    expect(near(4).cores.toSorted()).toEqual([0, 1, 4, 5])
    expect(near(5).farthest).toBe('other-node')
    expect(near(7).cores.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('chooses the node where the cores suffice', () => {
    expect(near(2, [0, 2, 3])).toMatchObject({ cores: [2, 3], farthest: 'shared-cache' })
    expect(near(3, [0, 4, 2, 3, 6]).cores.toSorted()).toEqual([2, 3, 6])
    expect(near(2, [0, 4, 2]).cores).toEqual([0, 4])
  })

  it('refuses more cores than there are, and cores that are not there', () => {
    for (const count of [0, 8, 1.5]) expect(codeOf(() => near(count))).toBe('DX_OPTION')
    expect(codeOf(() => near(1, [7]))).toBe('DX_OPTION')
  })

  it('chooses for this machine, and says whether NUMA was considered', () => {
    const { cores, farthest, numa } = nearCores(1)
    expect([cores.length, farthest]).toEqual([1, 'same'])
    expect(numa).toEqual(topology().numa)
  })
})

describe('lists of cores', () => {
  it('are read and written as the kernel does', () => {
    for (const [text, cores] of [
      ['', []],
      ['0', [0]],
      ['0-3', [0, 1, 2, 3]],
      ['0-1,4,6-8', [0, 1, 4, 6, 7, 8]],
    ] as const) {
      expect(parseCoreList(`${text}\n`)).toEqual(cores)
      expect(formatCoreList(cores)).toBe(text)
    }
  })

  it('become masks of whole words', () => {
    expect([...coreMask([0, 9])]).toEqual([1, 2, 0, 0, 0, 0, 0, 0])
    expect([coreMask([63]).length, coreMask([64]).length, coreMask([64])[8]]).toEqual([8, 16, 1])
  })

  it('are put in order, each core once, and refused when they make no sense', () => {
    expect(checkCores([3, 0, 3])).toEqual([0, 3])
    for (const wrong of [[], -1, 0.5, Number.NaN, 8192, [0, -1], ['0'] as unknown as number[]])
      expect(codeOf(() => checkCores(wrong))).toBe('DX_OPTION')
    expect(checkCores(8191)).toEqual([8191])
  })
})
