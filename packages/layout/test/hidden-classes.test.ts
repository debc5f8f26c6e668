import { runProcess } from '@disruptorx/testkit'
import { expect, it } from 'vitest'

/**
 * In a process of its own: prints whether all views of a layout, wherever they lie and whatever was done with them, have one hidden class with fast
 * properties, and so have all copies. Then an accessor, which belongs to one layout, only ever meets one. And whether that accessor is code of its
 * own, which reads its field's bytes where they lie.
 */
const program = `
import { struct } from '@disruptorx/layout'

const spec = { id: 'u53', side: { enum: ['buy', 'sell'] }, at: { struct: { x: 'f32' } }, legs: { array: { struct: { p: 'u32' } }, length: 2 }, note: { tail: 'string', max: 9 } }
const layout = struct(spec)
const memories = [new ArrayBuffer(256), new SharedArrayBuffer(256), new Uint8Array(300).subarray(40), new DataView(new ArrayBuffer(256), 3)]
const values = [
  { id: 1, side: 'buy', at: { x: 1 }, legs: [{ p: 1 }, { p: 2 }], note: '' },
  { note: 'largest', legs: [{ p: 2 ** 32 - 1 }, { p: 0 }], at: { x: 0.1 }, side: 'sell', id: 2 ** 53 - 1 },
]
const views = memories.flatMap(memory => values.map((value, i) => layout.view(memory).moveTo(i * 100 + i).set(value)))
views[0].at.x = 5
views[1].legs.get(1).p = 7
views[2].note = 'more'
JSON.stringify(views[3])
const memory = new Uint8Array(256)
const reader = layout.reader()
views.push(reader.read(memory, 0, layout.view(memory).set(values[0]).byteLength))
const one = list => list.every(item => %HaveSameMap(item, list[0]) && %HasFastProperties(item))
const other = struct({ id: 'u53' })
const accessor = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(views[0]), 'id').get
console.log(JSON.stringify({
  views: one(views),
  nested: one(views.map(view => view.at)),
  elements: one(views.map(view => view.legs.get(1))),
  copies: one(views.map(view => view.copy())),
  apart: !%HaveSameMap(other.view(memory), views[0]),
  generated: String(accessor).includes('.getUint32('),
}))
`

it.each([
  ['generated', true, []],
  ['interpreted', false, ['--disallow-code-generation-from-strings']],
])('%s views of a layout have one hidden class, so that V8 compiles their accessors for it alone', async (_, generated, flags) => {
  const args = [...flags, '--allow-natives-syntax', '--input-type=module', '-e', program]
  const { stdout } = await runProcess({ command: process.execPath, args, cwd: import.meta.dirname })
  expect(JSON.parse(stdout)).toEqual({ views: true, nested: true, elements: true, copies: true, apart: true, generated })
})
