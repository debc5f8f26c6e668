import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseCoreList } from './affinity-cores.ts'

/** One of the machine's cores as programs see them: a hardware thread. */
export interface CoreTopology {
  /** Its number: what `pin` takes. */
  readonly core: number
  /** The processor package that it is in. */
  readonly package: number
  /** The NUMA node whose memory is near. */
  readonly node: number
  /** The hardware threads of its physical core, itself included: they share everything, and slow each other down when both spin. */
  readonly siblings: readonly number[]
}

/** A cache, and the cores that share it. */
export interface CacheTopology {
  /** 1 is the nearest to the core. */
  readonly level: number
  readonly kind: 'data' | 'instruction' | 'unified'
  readonly sizeBytes: number
  readonly lineBytes: number
  readonly cores: readonly number[]
}

/** Memory, and the cores that are near it. */
export interface NodeTopology {
  readonly node: number
  readonly cores: readonly number[]
  /** 0 where it is not known. */
  readonly memoryBytes: number
  /** How far the memory of each node is, in the order of the nodes; 10 is its own. */
  readonly distances: readonly number[]
}

/** What the machine looks like. Virtual machines may say less, or something else, than is true. */
export interface Topology {
  /** `sysfs`: as Linux tells. `count`: only how many cores there are is known, and that they are one node is an assumption. */
  readonly source: 'sysfs' | 'count'
  /** The cores that are switched on, in order. */
  readonly cores: readonly CoreTopology[]
  readonly caches: readonly CacheTopology[]
  /** At least one. */
  readonly nodes: readonly NodeTopology[]
  /** Whether it matters near which core memory is; if not, why. */
  readonly numa: { readonly available: true } | { readonly available: false; readonly reason: string }
}

/** What lies between two cores, from near to far. */
export type CoreDistance = 'same' | 'siblings' | 'shared-cache' | 'same-node' | 'other-node'

/** What the machine looks like: on Linux by its own account, elsewhere only a number of cores. Reads some files for each core: for set-up. */
export function topology(): Topology {
  return process.platform === 'linux' && existsSync('/sys/devices/system/cpu/online') ? readTopology('/sys') : countedTopology()
}

/** What lies between two cores. A core that the topology does not know is on another node. */
export function distanceBetween(a: number, b: number, machine: Topology): CoreDistance {
  return distancesOf(machine)(a, b)
}

/** {@link distanceBetween} for many questions about one machine. */
export function distancesOf({ cores, caches }: Topology): (a: number, b: number) => CoreDistance {
  const known = new Map(cores.map(core => [core.core, { ...core, caches: new Set<CacheTopology>() }]))
  for (const cache of caches) for (const core of cache.cores) known.get(core)?.caches.add(cache)
  return (a, b) => {
    if (a === b) return 'same'
    const first = known.get(a)
    const second = known.get(b)
    if (first === undefined || second === undefined) return 'other-node'
    if (first.siblings.includes(b)) return 'siblings'
    for (const cache of first.caches) if (second.caches.has(cache)) return 'shared-cache'
    return first.node === second.node ? 'same-node' : 'other-node'
  }
}

/** Reads the topology that Linux keeps below `root`, which is `/sys`. */
export function readTopology(root: string): Topology {
  const cpus = join(root, 'devices/system/cpu')
  const online = parseCoreList(readFileSync(join(cpus, 'online'), 'utf8'))
  const nodes = readNodes(join(root, 'devices/system/node'), online)
  const cores = online.map(core => readCore(join(cpus, `cpu${core}`, 'topology'), core, nodes))
  const reason = 'this machine has one NUMA node: all memory is equally far from all cores'
  const numa = nodes.length > 1 ? ({ available: true } as const) : ({ available: false, reason } as const)
  return { source: 'sysfs', cores, caches: readCaches(cpus, online), nodes, numa }
}

function countedTopology(): Topology {
  const all = Array.from({ length: availableParallelism() }, (_, core) => core)
  return {
    source: 'count',
    cores: all.map(core => ({ core, package: 0, node: 0, siblings: [core] })),
    caches: [],
    nodes: [{ node: 0, cores: all, memoryBytes: 0, distances: [10] }],
    numa: { available: false, reason: `${process.platform} does not tell about NUMA nodes in a way that this package knows` },
  }
}

/** A file's text; empty without the file: kernels differ in what they tell. */
function read(...path: string[]): string {
  const file = join(...path)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}

function readCore(dir: string, core: number, nodes: readonly NodeTopology[]): CoreTopology {
  const siblings = parseCoreList(read(dir, 'thread_siblings_list'))
  return {
    core,
    package: Math.max(0, Number(read(dir, 'physical_package_id'))),
    node: nodes.find(node => node.cores.includes(core))?.node ?? 0,
    siblings: siblings.length === 0 ? [core] : siblings,
  }
}

function readNodes(dir: string, online: readonly number[]): NodeTopology[] {
  // Nodes with memory and no core of ours are nowhere near anything.
  const nodes = parseCoreList(read(dir, 'online')).map(node => ({
    node,
    cores: parseCoreList(read(dir, `node${node}`, 'cpulist')).filter(core => online.includes(core)),
    memoryBytes: 1024 * Number(/MemTotal:\s*(\d+) kB/.exec(read(dir, `node${node}`, 'meminfo'))?.[1] ?? 0),
    distances: read(dir, `node${node}`, 'distance').split(/\s+/).map(Number),
  }))
  const populated = nodes.filter(({ cores }) => cores.length > 0)
  return populated.length > 0 ? populated : [{ node: 0, cores: online, memoryBytes: 0, distances: [10] }]
}

/** Each cache once, although every core that shares it tells of it. */
function readCaches(cpus: string, online: readonly number[]): CacheTopology[] {
  const caches = new Map<string, CacheTopology>()
  for (const core of online) {
    const dir = join(cpus, `cpu${core}`, 'cache')
    if (!existsSync(dir)) continue
    for (const index of readdirSync(dir).filter(name => /^index\d+$/.test(name))) {
      const cache = readCache(join(dir, index), core)
      caches.set(`${cache.level} ${cache.kind} ${cache.cores}`, cache)
    }
  }
  return [...caches.values()].sort((a, b) => a.level - b.level || (a.cores[0] ?? 0) - (b.cores[0] ?? 0))
}

function readCache(dir: string, core: number): CacheTopology {
  const [, amount = '0', unit = ''] = /^(\d+)([KMG]?)/.exec(read(dir, 'size')) ?? []
  const kind = read(dir, 'type').toLowerCase()
  const cores = parseCoreList(read(dir, 'shared_cpu_list'))
  return {
    level: Number(read(dir, 'level')),
    kind: kind === 'data' || kind === 'instruction' ? kind : 'unified',
    sizeBytes: Number(amount) * 1024 ** ' KMG'.indexOf(unit || ' '),
    lineBytes: Number(read(dir, 'coherency_line_size')),
    cores: cores.length === 0 ? [core] : cores,
  }
}
