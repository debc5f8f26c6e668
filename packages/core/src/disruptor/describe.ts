import type { DisruptorState } from './errors.ts'
import type { ProcessorFigures } from './shared-stats.ts'

/** Where a handler runs: on the event loop that the disruptor lives on, or on a worker thread. */
export type HandlerKind = 'eventLoop' | 'worker'

/** A handler of a graph, as data. */
export interface HandlerDescription {
  readonly name: string
  readonly kind: HandlerKind
  /** Of a worker's handler: its module. */
  readonly url?: string
  /** Of a worker's handler: its export. */
  readonly exportName?: string
  /** What its processor has done since it was last started. */
  readonly figures?: ProcessorFigures
}

/** A place of a graph: a handler that sees every event, or several that share them. */
export interface NodeDescription extends Omit<HandlerDescription, 'kind'> {
  /** `workPool`: its members share the events, each is dealt with by one of them. */
  readonly kind: HandlerKind | 'workPool'
  /** Names of the nodes that deal with each event before this one does; none: it follows the ring itself. */
  readonly after: readonly string[]
  /** The group that it was declared in. */
  readonly group?: string
  /** Of a work pool. */
  readonly members?: readonly HandlerDescription[]
  /** The highest sequence that it has released. */
  readonly sequence: number
}

/** A disruptor as data: survives JSON. */
export interface DisruptorDescription {
  readonly state: DisruptorState
  readonly ring: {
    readonly kind: 'struct' | 'object'
    readonly capacity: number
    /** Of a ring in shared memory. */
    readonly producers?: 'single' | 'multi'
    /** The highest sequence published; with several producers, claimed. */
    readonly cursor: number
  }
  /** Each after all that it depends on. */
  readonly nodes: readonly NodeDescription[]
}

/**
 * Draws a disruptor as a Mermaid flow chart, from the ring to its last stages. A double frame stands for a worker thread, a hexagon for a work pool.
 */
export function toMermaid({ ring, nodes }: Pick<DisruptorDescription, 'ring' | 'nodes'>): string {
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]))
  const lines = ['flowchart LR', `  ring[("${escaped(`${ring.kind} ring`)}<br/>${ring.capacity} slots")]`]
  for (const node of nodes) lines.push(`  ${ids.get(node.name)}${shape(node)}`)
  for (const node of nodes) {
    const id = ids.get(node.name)
    if (node.after.length === 0) lines.push(`  ring --> ${id}`)
    for (const name of node.after) lines.push(`  ${ids.get(name)} --> ${id}`)
  }
  return `${lines.join('\n')}\n`
}

function shape(node: NodeDescription): string {
  const name = escaped(node.name)
  if (node.kind === 'workPool') return `{{"${name}<br/>${node.members?.map(member => escaped(member.name)).join(' or ')}"}}`
  if (node.kind === 'worker') return `[["${name}<br/>${escaped(fileName(node.url ?? ''))}#${escaped(node.exportName ?? '')}"]]`
  return `["${name}"]`
}

/** The last part of a module's address. */
function fileName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

/** Mermaid reads a few characters as its own language, and takes them as numbers. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>&;`{}[\]|\n]/g, character => `#${character.charCodeAt(0)};`)
}
