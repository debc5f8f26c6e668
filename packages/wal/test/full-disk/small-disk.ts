import { rmSync, writeFileSync } from 'node:fs'
import { fill, readAndGoOn } from './filling.ts'

// Fills a small disk with a journal, opens that on the full disk again and again, then makes room and opens it once more. Prints what happened.
const [disk = ''] = process.argv.slice(2)
const dir = `${disk}/journal`
const segmentBytes = 64 * 1024
writeFileSync(`${disk}/other`, new Uint8Array(200 * 1024))
const { durable, ended } = fill(dir, segmentBytes)
console.log(`stopped: ${ended}`)
for (let attempt = 0; attempt < 3; attempt++) console.log(`full: ${readAndGoOn(dir, segmentBytes)}`)
rmSync(`${disk}/other`)
const found = readAndGoOn(dir, segmentBytes)
console.log(`room: ${typeof found === 'number' && durable > 50 && found >= durable ? 'everything' : `${found} of ${durable}`}`)
