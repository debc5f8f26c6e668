// Runs in a page: what the golden records come to there, and whether the page may generate code.
import { isDisruptorError } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { golden, newerNoted } from '../golden.ts'
import { bytesOf, hexOf } from '../hex.ts'

declare const report: (value: unknown) => void

function mayGenerate(): boolean {
  try {
    return new Function('return true')()
  } catch {
    return false
  }
}

const records = [...golden, newerNoted].map(({ name, spec, version, value, hex }) => {
  const layout = struct(spec, { version })
  const bytes = new Uint8Array(new SharedArrayBuffer(layout.size)).fill(0xaa)
  const view = layout.view(bytes).set(value as never)
  const read = layout.reader().read(bytesOf(hex), 0, hex.length / 2)
  return { name, hex: hexOf(bytes.subarray(0, view.byteLength)), read: JSON.stringify(read) }
})

// Long texts go through the platform, which in browsers takes no shared memory.
const text = 'é漢😀'.repeat(40)
const long = struct({ text: { string: 400 } }).view(new SharedArrayBuffer(400))
long.text = text

let refused = 'nothing'
try {
  long.text = '\ud800'
} catch (error) {
  if (isDisruptorError(error)) refused = error.code
}
report({ generates: mayGenerate(), records, text: long.text === text && long.copy().text === text, refused })
