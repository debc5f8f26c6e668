import { closeSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { fill, readAndGoOn } from './filling.ts'

// Fills a small disk with a journal, opens that on the full disk again and again, then makes room and opens it once more. Prints what happened. Then the same
// with a journal whose process was killed before the disk was full.
const [disk = '', killed = ''] = process.argv.slice(2)
const dir = `${disk}/journal`
const other = `${disk}/other`
const segmentBytes = 64 * 1024

/** Writes into a file until there is no room for a byte more. Returns its size. */
function fillWith(path: string): number {
  const handle = openSync(path, 'w')
  let size = 0
  try {
    for (;;) size += writeSync(handle, new Uint8Array(4096))
  } catch {
    closeSync(handle)
  }
  return size
}

function stopped(): void {
  writeFileSync(other, new Uint8Array(200 * 1024))
  const { durable, ended } = fill(dir, segmentBytes)
  console.log(`stopped: ${ended}`)
  fillWith(`${disk}/more`)
  for (let attempt = 0; attempt < 3; attempt++)
    console.log(`full: ${String(readAndGoOn(dir, segmentBytes)).replace(`${durable},`, 'everything,')}`)
  rmSync(other)
  const found = readAndGoOn(dir, segmentBytes)
  console.log(`room: ${found === durable && durable > 50 ? 'everything' : `${found} of ${durable}`}`)
}

function killedAndFull(): void {
  const size = fillWith(other)
  let needed = 0
  for (let attempt = 0; attempt < 3; attempt++) {
    const refusal = String(readAndGoOn(dir, segmentBytes))
    needed = Number(refusal.split(' ')[1])
    console.log(`full: ${refusal}`)
  }
  truncateSync(other, size - needed)
  console.log(`room for that: ${readAndGoOn(dir, segmentBytes)}`)
}

if (killed === '') stopped()
else killedAndFull()
