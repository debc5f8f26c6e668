import { wholeNumber } from '@disruptorx/contracts/internal'

/** A piece of a file that a fault is about to damage. */
export interface DamageRange {
  /** Whose disk it is. */
  readonly node: string
  readonly path: string
  readonly position: number
  readonly length: number
  /** The fault, by its name in the coverage without `disk.`: `bitRot`, `misdirectedWrites`, ... */
  readonly kind: string
  /**
   * Whether a write, or a sync, was meant for this piece and will be missing there: then what is at stake is what is being written, and not what was durable
   * before. @default false
   */
  readonly isMeant?: boolean
}

/** What a fault atlas knows. */
export interface FaultAtlasOptions {
  /**
   * Nodes that may have a damaged copy of one thing at the same time. 0: nothing durable is ever damaged. 1 of a single node: anything may be, and
   * the right answer is the truth or a refusal. 1 of three replicas: any thing has two good copies. From 0 to 1,000.
   */
  readonly damageable: number
  /**
   * What a piece of a file holds: copies of one thing have the same key on every node. `must-survive`: this copy may not be damaged, whatever the other
   * nodes have. No key at all: nobody will miss it. @default everything on a node is one thing, so that only `damageable` nodes are ever damaged
   */
  readonly keysOf?: (range: DamageRange) => readonly string[] | 'must-survive'
  /**
   * Told of each piece that is about to be damaged, or to be shown wrong once (`bitFlips`): a test may keep what it holds until then. @default nobody is told
   */
  readonly onDamage?: (range: DamageRange) => void
}

const EVERYTHING = ['everything']

/**
 * Keeps what must survive, so that every run has a right answer: a fault that would damage durable bytes asks first, and is refused when too few good
 * copies would be left. After TigerBeetle's ClusterFaultAtlas, with keys in place of offsets, because copies of one entry lie at different places on
 * different nodes.
 *
 * Not asked: for what was never durable (a crash may lose that), and for errors that are reported. A read that goes wrong once damages nothing, but must
 * not happen where a copy must survive: whoever takes wrong bytes for a torn write cuts them for good.
 *
 * @example
 * const atlas = new FaultAtlas({ damageable: 1, keysOf: ({ path, position }) => [`${path}/${position >> 12}`] })
 * atlas.mayDamage({ node: 'a', path: 'd/1.seg', position: 0, length: 512, kind: 'bitRot' }) // true
 * atlas.mayDamage({ node: 'b', path: 'd/1.seg', position: 0, length: 512, kind: 'bitRot' }) // false: a has that damage already
 */
export class FaultAtlas {
  readonly #damageable: number
  readonly #keysOf: (range: DamageRange) => readonly string[] | 'must-survive'
  readonly #onDamage: ((range: DamageRange) => void) | undefined
  /** By key: the nodes whose copy may be damaged. */
  readonly #damaged = new Map<string, Set<string>>()
  /** Nodes that may have lost everything. */
  readonly #lost = new Set<string>()

  /** @throws {OptionError} */
  constructor(options: FaultAtlasOptions) {
    this.#damageable = wholeNumber('damageable', options.damageable, 0, 1_000)
    this.#keysOf = options.keysOf ?? (() => EVERYTHING)
    this.#onDamage = options.onDamage
  }

  /** Whether a fault may damage these pieces of files of one node. When it may, the atlas counts all of them as damaged from now on; otherwise none. */
  mayDamage(...ranges: readonly DamageRange[]): boolean {
    const damaged: [key: string, node: string][] = []
    for (const range of ranges) {
      const keys = this.#keysOf(range)
      if (keys === 'must-survive' || !keys.every(key => this.#hasRoom(key, range.node))) return false
      for (const key of keys) damaged.push([key, range.node])
    }
    for (const [key, node] of damaged) this.#nodesOf(key).add(node)
    for (const range of ranges) this.#onDamage?.(range)
    return true
  }

  /** Whether a fault may show a piece of a file wrong, once. Nothing counts as damaged. */
  mayMisread(range: DamageRange): boolean {
    if (this.#keysOf(range) === 'must-survive') return false
    this.#onDamage?.(range)
    return true
  }

  /** Whether a node may lose everything that it has. When it may, the atlas counts all of it as damaged from now on. */
  mayLose(node: string): boolean {
    if (this.#lost.has(node)) return true
    if (this.#lost.size >= this.#damageable) return false
    for (const key of this.#damaged.keys()) if (!this.#hasRoom(key, node)) return false
    this.#lost.add(node)
    return true
  }

  /** A node has good copies again: of one thing, or of everything. */
  healed(node: string, key?: string): void {
    if (key !== undefined) {
      this.#damaged.get(key)?.delete(node)
      return
    }
    this.#lost.delete(node)
    for (const nodes of this.#damaged.values()) nodes.delete(node)
  }

  /** Whether a node's copy of a thing may be damaged. */
  isDamaged(node: string, key: string): boolean {
    return this.#lost.has(node) || this.#damaged.get(key)?.has(node) === true
  }

  #hasRoom(key: string, node: string): boolean {
    const damaged = new Set([...this.#lost, ...(this.#damaged.get(key) ?? []), node])
    return damaged.size <= this.#damageable
  }

  #nodesOf(key: string): Set<string> {
    const nodes = this.#damaged.get(key) ?? new Set()
    this.#damaged.set(key, nodes)
    return nodes
  }
}
