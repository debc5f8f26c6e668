import type { PlantedBug } from '@disruptorx/testkit'

const channel = 'src/link/frame-channel.ts'
const handshake = 'src/handshake/handshake.ts'
const links = 'src/peers/links.ts'
const table = 'src/peers/peer-table.ts'

/** Ways to build links wrong. */
const bugs: PlantedBug[] = [
  {
    name: 'write-begun-while-another-is-under-way',
    file: channel,
    find: `if (this.writing !== undefined || this.isFilling ||`,
    replace: `if (this.isFilling ||`,
  },
  {
    name: 'memory-used-again-while-it-is-written',
    file: channel,
    find: `    this.pipe.write(bytes)\n`,
    replace: `    this.pipe.write(bytes)\n    this.writer.recycle(bytes)\n`,
  },
  {
    name: 'old-link-kept-beside-the-new',
    file: table,
    find: `    record.link?.drop(`,
    replace: `    if (record.boot === '') record.link?.drop(`,
  },
  {
    name: 'link-used-before-it-was-taken',
    file: handshake,
    find: `      this.channel.control(OPEN, new ByteWriter().u32(this.#offered).finish())\n`,
    replace: `      this.channel.control(OPEN, new ByteWriter().u32(this.#offered).finish())\n      this.#open(this.#offered)\n`,
  },
  {
    name: 'broken-dialler-not-told',
    file: 'src/peers/connections.ts',
    find: `    this.#connections.get(handshake.channel)?.dialer?.refused(node, reason)\n`,
    replace: ``,
  },
  {
    name: 'requests-not-told-that-their-link-is-gone',
    file: 'src/link/link.ts',
    find: `for (const part of [this.requests, this.answers, this.outgoing, this.incoming]) part.end(error)`,
    replace: `for (const part of [this.answers, this.incoming]) part.end(error)`,
  },
  {
    name: 'credit-not-given-back',
    file: 'src/link/incoming-streams.ts',
    find: `    stream.credit += stream.consumed\n`,
    replace: ``,
  },
  {
    name: 'stream-counts-as-read-when-it-has-come',
    file: 'src/link/incoming-streams.ts',
    find: `      stream.phase = 'ended'\n`,
    replace: `      stream.phase = 'ended'\n      this.#parts.channel.control(STREAM_DONE, new ByteWriter().u32(stream.id).finish())\n`,
  },
  {
    name: 'broken-link-not-dialled-again',
    file: links,
    find: `    for (const dialer of [...this.#dialers.values()]) dialer.linkDown(link.peer)\n`,
    replace: ``,
  },
  {
    name: 'answers-overtaken-by-what-waits',
    file: 'src/link/requests.ts',
    find: `    pending.resolve(reader.rest())\n`,
    replace: `    pending.resolve(frame.payload())\n`,
  },
]

export default bugs
