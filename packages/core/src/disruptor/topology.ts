import { OptionError } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import { HandlerInUseError } from './errors.ts'
import { inOrder, type NamedGroup, resolveNames, UnknownDependencyError } from './graph.ts'
import { type AnyHandler, type ConfiguredHandler, configured, type HandlerLike } from './handle.ts'

/** A handler with the name that it has in the graph. */
export interface Member<E> extends Pick<ConfiguredHandler<E>, 'handler' | 'options'> {
  readonly name: string
}

/** A node of the graph as it was declared: a handler that sees every event, or several that share them. */
export interface Declared<E> {
  readonly name: string
  /** Names of handlers and groups. */
  readonly after: readonly string[]
  readonly group: string | undefined
  /** Whether the members compete for the events. Otherwise there is one. */
  readonly competing: boolean
  readonly members: readonly Member<E>[]
}

/** How handlers are declared. */
export interface Declaration<E> {
  readonly handlers: readonly HandlerLike<E>[]
  readonly after: readonly string[]
  readonly group?: string
  readonly competing?: boolean
}

/** A handler, the name of one, or the name of a group. */
export type HandlerRef<E> = string | HandlerLike<E>

/**
 * The graph as it was declared: names, and what comes after what. Knows nothing of rings and threads.
 *
 * Names are unique over handlers and groups. A handler without one is called after its export or its class; in a group, after the group.
 */
export class Topology<E> {
  #nodes: readonly Declared<E>[] = []
  #groups: readonly NamedGroup[] = []

  get nodes(): readonly Declared<E>[] {
    return this.#nodes
  }

  /** Adds nodes; on an error none. @throws {OptionError} there are none, one is no handler, or a name is taken */
  add({ handlers, after, group, competing = false }: Declaration<E>): readonly Declared<E>[] {
    if (handlers.length === 0) throw new OptionError('handlers', 'empty', 'at least one handler')
    const taken = new Set(this.#allNames())
    if (group !== undefined) take('group', nonEmptyText('group', group), taken)
    const pool = competing ? (group ?? takeFree('workPool', taken)) : undefined
    const members = nameMembers(handlers.map(configured), pool ?? group, competing, taken)
    const own = { after: group === undefined ? after : [], group, competing }
    const added: Declared<E>[] =
      pool === undefined ? members.map(member => ({ ...own, name: member.name, members: [member] })) : [{ ...own, name: pool, members }]
    this.#nodes = [...this.#nodes, ...added]
    if (group !== undefined) this.#groups = [...this.#groups, { name: group, members: added.map(({ name }) => name), after }]
    return added
  }

  /**
   * Every node after all that it depends on, with the names of nodes in `after`.
   *
   * @throws {UnknownDependencyError | DependencyCycleError}
   */
  resolve(): readonly Declared<E>[] {
    return inOrder(resolveNames(this.#nodes, this.#groups))
  }

  /**
   * The names of nodes, or of groups, that references mean. A handler that was added more than once means all its nodes.
   *
   * @throws {UnknownDependencyError} a handler was never added
   */
  namesOf(refs: readonly HandlerRef<E>[], by: string): readonly string[] {
    return refs.flatMap(ref => {
      if (typeof ref === 'string') return [nonEmptyText('name', ref)]
      const { handler } = configured(ref)
      const found = this.#nodes.filter(({ members }) => members.some(member => member.handler === handler))
      if (found.length > 0) return found.map(({ name }) => name)
      throw new UnknownDependencyError(by, 'a handler that was not added', this.#allNames())
    })
  }

  /** The nodes that names of nodes and groups stand for. @throws {UnknownDependencyError} */
  find(names: readonly string[], by: string): readonly Declared<E>[] {
    return names.flatMap(name => {
      const members = this.#groups.find(group => group.name === name)?.members ?? [name]
      const found = this.#nodes.filter(node => members.includes(node.name))
      if (found.length > 0) return found
      throw new UnknownDependencyError(by, name, this.#allNames())
    })
  }

  /** Takes nodes out, and groups of which no member is left. @throws {HandlerInUseError} another node comes after one of them */
  remove(nodes: readonly Declared<E>[]): void {
    const names = nodes.map(({ name }) => name)
    for (const { name, after, group } of this.#nodes) {
      if (names.includes(name)) continue
      const refs = [...after, ...(this.#groups.find(other => other.name === group)?.after ?? [])]
      const members = refs.flatMap(ref => this.#groups.find(other => other.name === ref)?.members ?? [ref])
      const inUse = members.find(member => names.includes(member))
      if (inUse !== undefined) throw new HandlerInUseError(inUse, name)
    }
    this.drop(nodes)
  }

  /** Takes nodes out that were just added: nobody can come after them yet. */
  drop(nodes: readonly Declared<E>[]): void {
    const names = nodes.map(({ name }) => name)
    this.#nodes = this.#nodes.filter(({ name }) => !names.includes(name))
    this.#groups = this.#groups
      .map(group => ({ ...group, members: group.members.filter(name => !names.includes(name)) }))
      .filter(({ members }) => members.length > 0)
  }

  #allNames(): string[] {
    const names = this.#nodes.flatMap(({ name, members }) => [name, ...members.map(member => member.name)])
    return [...new Set([...this.#groups.map(({ name }) => name), ...names])]
  }
}

/** Names that were chosen come first, so that none made up here gets in the way of one. */
function nameMembers<E>(
  handlers: readonly ConfiguredHandler<E>[],
  base: string | undefined,
  competing: boolean,
  taken: Set<string>,
): Member<E>[] {
  for (const { options } of handlers) if (options.name !== undefined) take('name', options.name, taken)
  return handlers.map(({ handler, options }, index) => {
    if (options.name !== undefined) return { handler, options, name: options.name }
    if (base === undefined) return { handler, options, name: takeFree(defaultName(handler), taken) }
    const alone = handlers.length === 1 && !competing
    return { handler, options, name: alone ? base : takeFree(`${base}-${index + 1}`, taken) }
  })
}

/** @throws {OptionError} */
function take(option: string, name: string, taken: Set<string>): void {
  if (taken.has(name)) throw new OptionError(option, name, 'a name that no other handler and no group has')
  taken.add(name)
}

/** Takes a name, or that with the first number that makes it free. */
function takeFree(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
  taken.add(name)
  return name
}

function defaultName<E>(handler: AnyHandler<E>): string {
  if ('startThread' in handler) return handler.exportName
  const { constructor: made } = handler as { constructor?: unknown }
  return typeof made === 'function' && made !== Object && made.name !== '' ? made.name : 'handler'
}
