import { openSync } from 'node:fs'
import { FileCall } from '@disruptorx/contracts/internal'
import { overlappedFiles } from '@disruptorx/wal'

// Leaves writes to the other thread that end beyond the largest size which the shell allows a file, 16 KiB at most. Prints what came of them.
const LEAST = 4096
const bytes = new Uint8Array(new SharedArrayBuffer(8 * LEAST))
const files = overlappedFiles({ leastBytes: LEAST })
const handle = openSync(process.argv[2] ?? '', 'w+')

/** Says who carried it out, and what came of it. */
function submit(operation: 'write' | 'datasync', length = 0, position = 0): string {
  const call = Object.assign(new FileCall(), { operation, handle, buffer: bytes, length, position })
  files.submit(call)
  const who = call.state === 'pending' ? 'left' : 'own'
  while (call.state === 'pending') {
    files.wait(10)
    files.poll()
  }
  return `${who} ${call.state === 'done' ? call.result : `${call.error?.code} ${Reflect.get(call.error ?? {}, 'syscall')}`}`
}

const limit = Number(submit('write', bytes.length).slice(4))
// Until the other thread runs.
for (submit('datasync'); !submit('write', LEAST).startsWith('left'); submit('datasync'))
  await new Promise(resolve => setTimeout(resolve, 1))
submit('datasync')
console.log(`a write: ${submit('write', 2 * LEAST, limit - LEAST)}`)
console.log(`its sync: ${submit('datasync')}`)
console.log(`a write: ${submit('write', LEAST, 0)}`)
submit('datasync')
console.log(`a write: ${submit('write', LEAST, limit)}`)
files.close()
