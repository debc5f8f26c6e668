import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

it('whether code may be generated is asked for once, however many layouts there are: each refusal is reported to somebody', async () => {
  vi.resetModules()
  const { struct } = await import('../src/index.ts')
  let asked = 0
  vi.stubGlobal(
    'Function',
    class {
      constructor() {
        asked++
        throw new EvalError('code generation is forbidden')
      }
    },
  )
  for (const type of ['u8', 'u16', 'u32'] as const) {
    const layout = struct({ id: type, list: { array: type, length: 2 } })
    const value = { id: 7, list: [8, 9] }
    expect(layout.view(new ArrayBuffer(layout.size)).set(value).copy()).toEqual(value)
  }
  expect(asked).toBe(1)
})
