import { runProcess } from '@disruptorx/testkit'
import { expect, it } from 'vitest'

/** In a process of its own, where lz4-napi cannot be loaded: prints what comes of `lz4` and of what does without it. */
const program = (error: string) => `
import { registerHooks } from 'node:module'
let asked = 0
registerHooks({ resolve(name, context, next) {
  if (name === 'lz4-napi') { asked++; throw ${error} }
  return next(name, context)
} })
const { AdaptiveCompression, builtInCompressors, FrameDecoder, FrameWriter } = await import('@disruptorx/serializer')
const { lz4 } = await import('@disruptorx/serializer/lz4')
const writer = new FrameWriter({ compression: new AdaptiveCompression({ minBytes: 64 }) })
writer.append(1, 0, new Uint8Array(1000))
const lengths = []
new FrameDecoder(({ length }) => lengths.push(length), { compressors: [lz4, ...builtInCompressors()] }).push(writer.take())
const before = asked
const codes = [() => lz4.compress(new Uint8Array(10)), () => lz4.decompress(Uint8Array.of(5, 0, 0, 0), 5)].map(use => {
  try {
    return use()
  } catch ({ code, message }) {
    return code + ' ' + message
  }
})
console.log(JSON.stringify({ lengths, before, codes }))
`

it.each([
  ['it is not installed', `Object.assign(new Error("Cannot find module 'lz4-napi'"), { code: 'MODULE_NOT_FOUND' })`],
  ['no binding for this machine', `new Error('no binding for this machine\\nat length')`],
])('LZ4 without its package is refused at the first use, and says why: %s', async (reason, error) => {
  const { stdout, stderr } = await runProcess({
    command: process.execPath,
    args: ['--input-type=module', '-e', program(error)],
    cwd: import.meta.dirname,
  })
  expect(stderr).toBe('')
  const refusal = `DX_LZ4_MISSING lz4-napi, which compression by lz4 needs, cannot be used: ${reason}; npm install lz4-napi`
  expect(JSON.parse(stdout)).toEqual({ lengths: [1000], before: 0, codes: [refusal, refusal] })
})
