import { DisruptorError } from '@disruptorx/contracts'

/** Something that sees events only after others have dealt with them: what the order of a graph is made from. */
export interface Dependent {
  readonly name: string
  /** Names of those that come before: handlers or groups. */
  readonly after: readonly string[]
}

/** A group of handlers under one name: whoever depends on it depends on all of them. */
export interface NamedGroup extends Dependent {
  readonly members: readonly string[]
}

/** A handler or a group depends on a name that nobody has. */
export class UnknownDependencyError extends DisruptorError {
  constructor(name: string, missing: string, known: readonly string[]) {
    super('DX_UNKNOWN_DEPENDENCY', `'${name}' depends on '${missing}', which does not exist; there are ${quoted(known)}`, { name, missing })
  }
}

/** Handlers or groups depend on each other in a circle: none of them could ever start. */
export class DependencyCycleError extends DisruptorError {
  constructor(circle: readonly string[]) {
    const path = [...circle, circle[0] ?? ''].map(name => `'${name}'`).join(' after ')
    super('DX_DEPENDENCY_CYCLE', `handlers depend on each other in a circle: ${path}; take one of these out`, {
      circle: circle.join(', '),
    })
  }
}

/** Shows names as people list them. */
function quoted(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map(name => `'${name}'`).join(', ')
}

/**
 * Replaces groups by their members: in every node's `after`, and by adding what its own groups depend on. Names keep the order in which they were
 * given, and none is there twice.
 *
 * @throws {UnknownDependencyError} names who depends on what
 */
export function resolveNames<N extends Dependent>(nodes: readonly N[], groups: readonly NamedGroup[]): N[] {
  const members = new Map(nodes.map(({ name }) => [name, [name]]))
  for (const group of groups) members.set(group.name, [...group.members])
  const known = [...new Set([...groups, ...nodes].map(({ name }) => name))]
  const expand = ({ name, after }: Dependent) =>
    after.flatMap(ref => {
      const found = members.get(ref)
      if (found === undefined) throw new UnknownDependencyError(name, ref, known)
      return found
    })
  const resolved = groups.map(group => ({ group, after: expand(group) }))
  return nodes.map(node => {
    const inherited = resolved.filter(({ group }) => group.members.includes(node.name)).flatMap(({ after }) => after)
    return { ...node, after: [...new Set([...inherited, ...expand(node)])] }
  })
}

/**
 * Sorts nodes so that each comes after all that it depends on; otherwise in the order given.
 *
 * @param nodes with names of nodes in `after`, as {@link resolveNames} makes them
 * @throws {DependencyCycleError} names the whole circle
 */
export function inOrder<N extends Dependent>(nodes: readonly N[]): N[] {
  const byName = new Map(nodes.map(node => [node.name, node]))
  const ordered = new Set<N>()
  // The nodes from the first one visited to this one: a node that is met in it again closes a circle.
  const visit = (node: N, path: readonly N[]) => {
    if (ordered.has(node)) return
    if (path.includes(node)) throw new DependencyCycleError(path.slice(path.indexOf(node)).map(({ name }) => name))
    for (const name of node.after) {
      const upstream = byName.get(name)
      if (upstream !== undefined) visit(upstream, [...path, node])
    }
    ordered.add(node)
  }
  for (const node of nodes) visit(node, [])
  return [...ordered]
}
