import { isDisruptorError } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { type NodeDescription, toMermaid } from '../src/disruptor/describe.ts'
import { type Dependent, inOrder, type NamedGroup, resolveNames } from '../src/disruptor/graph.ts'

const node = (name: string, ...after: string[]): Dependent => ({ name, after })
const group = (name: string, members: string[], ...after: string[]): NamedGroup => ({ name, members, after })

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (isDisruptorError(error)) return `${error.code}: ${error.message}`
  }
  return 'nothing thrown'
}

describe('the order of a graph', () => {
  it('puts each node after all that it depends on, and otherwise keeps the order of declaration', () => {
    const names = (...nodes: Dependent[]) =>
      inOrder(nodes)
        .map(({ name }) => name)
        .join(' ')
    expect(names(node('a'), node('b'), node('c'))).toBe('a b c')
    expect(names(node('reply', 'apply'), node('apply', 'journal', 'replicate'), node('journal'), node('replicate'))).toBe(
      'journal replicate apply reply',
    )
    expect(names(node('d', 'b', 'c'), node('b', 'a'), node('c', 'a'), node('a'))).toBe('a b c d')
    expect(names()).toBe('')
  })

  it('refuses a circle with every name in it, and only those', () => {
    expect(messageOf(() => inOrder([node('start'), node('a', 'start', 'c'), node('b', 'a'), node('c', 'b')]))).toBe(
      "DX_DEPENDENCY_CYCLE: handlers depend on each other in a circle: 'a' after 'c' after 'b' after 'a'; take one of these out",
    )
    expect(messageOf(() => inOrder([node('me', 'me')]))).toContain("'me' after 'me'")
  })

  it('orders 256 nodes declared last to first', () => {
    const nodes = Array.from({ length: 256 }, (_, index) => (index === 255 ? node('255') : node(`${index}`, `${index + 1}`)))
    expect(inOrder(nodes).map(({ name }) => Number(name))).toEqual(Array.from({ length: 256 }, (_, index) => 255 - index))
  })
})

describe('the names of a graph', () => {
  it('stand for handlers and for groups, declared before or after', () => {
    const nodes = [node('audit', 'journal', 'fast'), node('fast'), node('disk-1'), node('disk-2', 'fast')]
    const resolved = resolveNames(nodes, [group('journal', ['disk-1', 'disk-2'])])
    expect(resolved.map(({ name, after }) => [name, ...after].join(' '))).toEqual([
      'audit disk-1 disk-2 fast',
      'fast',
      'disk-1',
      'disk-2 fast',
    ])
  })

  it('hand what a group depends on to each of its members, once', () => {
    const groups = [group('journal', ['a', 'b'], 'replicate', 'c'), group('replicate', ['c'])]
    const resolved = resolveNames([node('a'), node('b', 'c'), node('c')], groups)
    expect(resolved.map(({ after }) => after)).toEqual([['c'], ['c'], []])
  })

  it('let a group have the name of its only member', () => {
    expect(resolveNames([node('journal'), node('apply', 'journal')], [group('journal', ['journal'])])[1]?.after).toEqual(['journal'])
  })

  it('are refused where nobody has them, with who asked for what', () => {
    const lost = () => resolveNames([node('journal', 'replicat'), node('replicate')], [group('audit', ['replicate'])])
    expect(messageOf(lost)).toBe(
      "DX_UNKNOWN_DEPENDENCY: 'journal' depends on 'replicat', which does not exist; there are 'audit', 'journal', 'replicate'",
    )
    expect(messageOf(() => resolveNames([node('a')], [group('g', ['a'], 'nobody')]))).toContain("'g' depends on 'nobody'")
  })

  it('of groups that depend on each other are refused as a circle', () => {
    const groups = [group('journal', ['j1', 'j2'], 'replicate'), group('replicate', ['r1'], 'journal')]
    expect(messageOf(() => inOrder(resolveNames([node('j1'), node('j2'), node('r1')], groups)))).toContain("'j1' after 'r1' after 'j1'")
  })
})

describe('the picture of a graph', () => {
  it('runs from the ring to the last stage', () => {
    const ring = { kind: 'struct', capacity: 1024, producers: 'single', cursor: -1 } as const
    const nodes: NodeDescription[] = [
      { name: 'journal', kind: 'eventLoop', after: [], sequence: -1 },
      { name: 'replicate', kind: 'worker', after: [], url: 'file:///app/handlers.js', exportName: 'replicate', sequence: -1 },
      {
        name: 'score',
        kind: 'workPool',
        after: ['journal', 'replicate'],
        sequence: -1,
        members: [
          { name: 'score-1', kind: 'eventLoop' },
          { name: 'score-2', kind: 'eventLoop' },
        ],
      },
      { name: 'say "hi" [#1]', kind: 'eventLoop', after: ['score'], sequence: -1 },
    ]
    expect(toMermaid({ ring, nodes })).toBe(`flowchart LR
  ring[("struct ring<br/>1024 slots")]
  n0["journal"]
  n1[["replicate<br/>handlers.js#replicate"]]
  n2{{"score<br/>score-1 or score-2"}}
  n3["say #34;hi#34; #91;#35;1#93;"]
  ring --> n0
  ring --> n1
  n0 --> n2
  n1 --> n2
  n2 --> n3
`)
  })

  it('is the ring alone where there are no handlers', () => {
    const ring = { kind: 'object', capacity: 8, producers: 'single', cursor: -1 } as const
    expect(toMermaid({ ring, nodes: [] })).toBe('flowchart LR\n  ring[("object ring<br/>8 slots")]\n')
  })
})
