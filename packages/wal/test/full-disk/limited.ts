import { fill } from './filling.ts'

// Appends to a journal until it stops, under a limit that the shell has set. Prints how many entries were durable, and why it stopped.
const [dir = '', segmentBytes = ''] = process.argv.slice(2)
const { durable, ended } = fill(dir, Number(segmentBytes))
console.log(`${durable}\n${ended}`)
