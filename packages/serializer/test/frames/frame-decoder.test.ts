import { describe, expect, it } from 'vitest'
import { type Frame, FrameDecoder, type FrameDecoderOptions, FrameReentryError, FrameWriter, msgpackCodec } from '../../src/index.ts'
import { decodeAll, encodeAll, keep } from '../support/batches.ts'
import { craftBatch, craftFrame } from '../support/craft.ts'

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value)
const ignore = () => undefined

/** What a decoder says about bytes that it refuses, in one chunk. */
function refusal(source: Uint8Array, options: FrameDecoderOptions = {}): unknown {
  const decoder = new FrameDecoder(ignore, options)
  try {
    decoder.push(source)
  } catch (error) {
    expect(() => decoder.push(bytes(1))).toThrow(error as Error)
    expect(() => decoder.push(bytes(0))).toThrow(error as Error)
    expect([decoder.pendingBytes, decoder.heldBytes]).toEqual([0, 0])
    return error
  }
  return expect.unreachable('it was accepted')
}

const dataError = (reason: string | RegExp) => expect.objectContaining({ code: 'DX_FRAME_DATA', message: expect.stringMatching(reason) })
const sizeError = (option: string) => expect.objectContaining({ code: 'DX_FRAME_SIZE', details: expect.objectContaining({ option }) })

describe('a frame decoder', () => {
  it('hands over frames where they lie: no byte of a whole batch is copied', () => {
    const written = encodeAll([bytes(3), bytes(5, 9)])
    const chunk = Buffer.concat([written, written])
    const seen: number[] = []
    const decoder = new FrameDecoder(frame => {
      expect(frame.source).toBe(chunk)
      expect(frame.payload().buffer).toBe(chunk.buffer)
      seen.push(frame.offset)
    })
    decoder.push(chunk)
    expect(seen).toEqual([32, 43, 80, 91])
    expect(decoder.heldBytes).toBe(0)
  })

  it('copies only the part of a batch that its chunk leaves unfinished', () => {
    const written = encodeAll([bytes(100)])
    const sources: Uint8Array[] = []
    const decoder = new FrameDecoder(frame => sources.push(frame.source))
    const chunk = Buffer.concat([written, written.subarray(0, 50)])
    decoder.push(chunk)
    expect([decoder.pendingBytes, sources.length]).toEqual([50, 1])
    const rest = Buffer.concat([written.subarray(50), written])
    decoder.push(rest)
    expect(sources.map(source => ([chunk, rest] as Uint8Array[]).indexOf(source))).toEqual([0, -1, 1])
  })

  it('lets go of a frame when its call is over', () => {
    let kept: Frame | undefined
    const decoder = new FrameDecoder(frame => {
      kept = frame
    })
    decoder.push(encodeAll([bytes(3)]))
    expect(kept).toMatchObject({ length: 0, offset: 0, traceOffset: -1 })
    expect(kept?.payload()).toEqual(new Uint8Array(0))
    expect(kept?.trace()).toBeUndefined()
  })

  it('says which frame is the last of its batch', () => {
    const writer = new FrameWriter({ maxFrames: 2 })
    for (let i = 0; i < 5; i++) writer.append(i, 0, bytes(1))
    const last: boolean[] = []
    new FrameDecoder(frame => last.push(frame.endOfBatch)).push(writer.take())
    expect(last).toEqual([false, true, false, true, true])
  })

  it('gives copies and values that stay, and views that do not', () => {
    const writer = new FrameWriter()
    writer.encode(1, 0, msgpackCodec(), { text: 'x'.repeat(50), data: bytes(3) }, bytes(25, 2))
    const chunk = writer.take()
    let copy: Uint8Array | undefined
    let value: unknown
    let view: Uint8Array | undefined
    let trace: Uint8Array | undefined
    const decoder = new FrameDecoder(frame => {
      copy = frame.copy()
      value = frame.decode(msgpackCodec())
      view = frame.payload()
      trace = frame.trace()
    })
    decoder.push(chunk)
    expect(copy).toEqual(view)
    expect(trace).toEqual(bytes(25, 2))
    chunk.fill(0)
    expect(value).toEqual({ text: 'x'.repeat(50), data: bytes(3) })
    expect(copy?.every(byte => byte === 0)).toBe(false)
    expect(view?.every(byte => byte === 0)).toBe(true)
  })

  it('takes empty chunks, and chunks of shared memory, which another thread may change meanwhile', () => {
    const written = encodeAll([bytes(100, 1), bytes(100, 2)])
    const shared = new Uint8Array(new SharedArrayBuffer(written.length))
    shared.set(written)
    const seen: number[] = []
    const decoder = new FrameDecoder(frame => {
      shared.fill(0xff)
      seen.push(frame.copy()[99] as number)
    })
    decoder.push(bytes(0))
    decoder.push(shared)
    expect(seen).toEqual([1, 2])
  })
})

describe('the listener of a frame decoder', () => {
  const three = encodeAll([bytes(1), bytes(2), bytes(3)])

  it('is a function, from the start', () => {
    for (const onFrame of [undefined, {}, 'text'])
      expect(() => new FrameDecoder(onFrame as never)).toThrow(/option onFrame is '\w+'; it must be a function/)
  })

  it('may close the decoder, and then gets nothing more', () => {
    for (const source of [three, Buffer.concat([three, three, three.subarray(0, 30)])]) {
      let calls = 0
      const decoder = new FrameDecoder(frame => {
        calls++
        if (frame.length === 2) decoder.close()
      })
      decoder.push(source)
      expect([calls, decoder.pendingBytes, decoder.heldBytes]).toEqual([2, 0, 0])
      expect(() => decoder.push(three)).toThrow(expect.objectContaining({ code: 'DX_CLOSED' }))
    }
  })

  it('may close it within a batch that came in pieces', () => {
    const lengths: number[] = []
    const decoder = new FrameDecoder(frame => {
      lengths.push(frame.length)
      decoder.close()
    })
    decoder.push(three.subarray(0, 40))
    decoder.push(three.subarray(40))
    expect([lengths, decoder.heldBytes]).toEqual([[1], 0])
    decoder.end()
  })

  it('ends it by what it throws', () => {
    const fault = new Error('the listener failed')
    const decoder = new FrameDecoder(() => {
      throw fault
    })
    expect(() => decoder.push(three)).toThrow(fault)
    expect(() => decoder.push(three)).toThrow(fault)
  })

  it('may not push into it', () => {
    const decoder = new FrameDecoder(() => decoder.push(three))
    expect(() => decoder.push(three)).toThrow(new FrameReentryError())
  })
})

describe('bytes that are no batch of frames', () => {
  const frame = craftFrame(bytes(10))

  it('are refused, whatever is wrong with the header', () => {
    expect(decodeAll(craftBatch(frame))).toHaveLength(1)
    expect(refusal(craftBatch(frame, { magic: 0x4844 }))).toEqual(dataError('byte 0 of the stream: no batch of frames begins here'))
    expect(refusal(Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n'))).toEqual(dataError('no batch'))
    expect(refusal(craftBatch(frame, { headerCrc: 1 }))).toEqual(dataError('header of a batch is damaged'))
    // Damage is no other version.
    expect(refusal(craftBatch(frame, { version: 2, headerCrc: 1 }))).toEqual(dataError('header of a batch is damaged'))
    expect(refusal(craftBatch(frame, { bodyCrc: 1 }))).toEqual(dataError('body of a batch is damaged'))
    expect(refusal(craftBatch(frame, { frames: 0 }))).toEqual(dataError('0 frames in 18 bytes'))
    expect(refusal(craftBatch(frame, { frames: 3 }))).toEqual(dataError('3 frames in 18 bytes'))
    expect(refusal(craftBatch(frame, { plainBytes: 19 }))).toEqual(dataError('18 bytes for 19'))
    expect(refusal(craftBatch(frame, { plainBytes: 17 }))).toEqual(dataError('18 bytes for 17'))
    expect(refusal(craftBatch(frame, { compression: 1 }))).toEqual(dataError('18 bytes for 18 .* compression 1'))
    expect(refusal(craftBatch(bytes(0), { compression: 1, plainBytes: 18 }))).toEqual(dataError('0 bytes for 18'))
  })

  it('are refused by name when they are of another version', () => {
    for (const version of [0, 2, 255]) {
      const error = refusal(craftBatch(frame, { version }))
      expect(error).toMatchObject({
        code: 'DX_FRAME_VERSION',
        message: expect.stringContaining(`of version ${version}; version 1 is known`),
      })
    }
  })

  it('are refused when the frames do not fill the batch', () => {
    const batchOf = (...frames: Buffer[]) => craftBatch(Buffer.concat(frames), { frames: frames.length })
    expect(decodeAll(batchOf(frame, frame))).toHaveLength(2)
    for (const length of [9, 11, 0, 2 ** 20])
      expect(refusal(batchOf(craftFrame(bytes(10), { length })))).toEqual(dataError('frame 1 of the 1 .* do not end'))
    expect(refusal(batchOf(craftFrame(bytes(10), { length: 12 }), frame))).toEqual(dataError(/frame [12] of the 2/))
    for (const length of [29, 1000]) {
      const lengths: number[] = []
      const decoder = new FrameDecoder(({ length }) => lengths.push(length))
      expect(() => decoder.push(batchOf(craftFrame(bytes(10), { length }), frame))).toThrow(dataError('frame 1 of the 2 .* do not end'))
      expect(lengths).toEqual([])
    }
    expect(refusal(batchOf(craftFrame(bytes(10), { length: 25 }), frame))).toEqual(dataError('frame 2 of the 2 .* ends before it'))
    expect(refusal(batchOf(craftFrame(bytes(24), { form: 1 })))).toEqual(dataError('do not end'))
    expect(decodeAll(batchOf(craftFrame(bytes(25), { form: 1, length: 0 })))).toMatchObject([{ payload: '', trace: '07'.repeat(25) }])
    for (const form of [2, 3, 128, 255]) expect(refusal(batchOf(craftFrame(bytes(10), { form })))).toEqual(dataError(`form ${form}`))
  })

  it('are refused where the stream ends within them', () => {
    const written = encodeAll([bytes(10)])
    for (const length of [1, 23, 24, 41]) {
      const decoder = new FrameDecoder(ignore)
      decoder.push(written.subarray(0, length))
      expect(() => decoder.end()).toThrow(dataError(`byte ${length} of the stream: the stream ends within a batch`))
      expect(() => decoder.push(written)).toThrow(expect.objectContaining({ code: 'DX_CLOSED' }))
    }
  })

  it('are refused at their place in the stream', () => {
    const good = encodeAll([bytes(10)])
    const decoder = new FrameDecoder(ignore)
    decoder.push(Buffer.concat([good, good.subarray(0, 30)]))
    expect(() => decoder.push(Buffer.concat([good.subarray(30), bytes(24)]))).toThrow(dataError('^byte 84 of'))
  })

  it('do not take back the frames before them', () => {
    const seen: number[] = []
    const decoder = new FrameDecoder(frame => seen.push(frame.length))
    expect(() => decoder.push(Buffer.concat([encodeAll([bytes(1)]), bytes(24)]))).toThrow(dataError('byte 33'))
    expect(seen).toEqual([1])
  })
})

describe('the limits of a frame decoder', () => {
  it('hold on both sides of each', () => {
    const limits = { maxFrameBytes: 10, maxBatchBytes: 60, maxFrames: 3 }
    const batchOf = (lengths: readonly number[], crafted = {}) =>
      craftBatch(Buffer.concat(lengths.map(length => craftFrame(bytes(length)))), { frames: lengths.length, ...crafted })
    expect(decodeAll(batchOf([10, 10, 0]), limits)).toHaveLength(3)
    expect(refusal(batchOf([11]), limits)).toEqual(sizeError('maxFrameBytes'))
    expect(refusal(batchOf([0, 0, 0, 0]), limits)).toEqual(sizeError('maxFrames'))
    expect(decodeAll(batchOf([10, 10, 10]), { ...limits, maxBatchBytes: 54 })).toHaveLength(3)
    expect(refusal(batchOf([10, 10, 10]), { ...limits, maxBatchBytes: 53 })).toEqual(sizeError('maxBatchBytes'))
    expect(refusal(batchOf([10], { compression: 1, plainBytes: 61 }), limits)).toEqual(sizeError('maxBatchBytes'))
    expect(() => new FrameDecoder(ignore, { maxFrameBytes: 0 })).toThrow(/maxFrameBytes/)
    for (const id of [0, 256, 1.5]) {
      const compressor = { id, name: 'own', compress: (plain: Uint8Array) => plain, decompress: ignore }
      expect(() => new FrameDecoder(ignore, { compressors: [compressor] })).toThrow(/id of a compressor/)
    }
  })

  it('are applied to a header before anything of its body is waited for', () => {
    const header = craftBatch(bytes(0), { bodyBytes: 2 ** 32 - 1, plainBytes: 2 ** 32 - 1 })
    expect(refusal(header)).toEqual(sizeError('maxBatchBytes'))
    const decoder = new FrameDecoder(ignore)
    for (const byte of header.subarray(0, 23)) decoder.push(Uint8Array.of(byte))
    expect(() => decoder.push(header.subarray(23))).toThrow(sizeError('maxBatchBytes'))
  })

  it('bound memory by what has arrived, not by what is announced', () => {
    const announced = craftBatch(bytes(0), { bodyBytes: 2 ** 20, plainBytes: 2 ** 20 })
    const decoder = new FrameDecoder(ignore)
    decoder.push(announced)
    expect([decoder.pendingBytes, decoder.heldBytes]).toEqual([24, 1024])
    for (let arrived = 24; arrived < 300_000; arrived += 1000) {
      decoder.push(bytes(1000))
      expect(decoder.heldBytes).toBeLessThanOrEqual(2 * decoder.pendingBytes)
    }
    const drip = new FrameDecoder(ignore)
    drip.push(announced)
    const byte = bytes(1)
    for (let i = 0; i < 5000; i++) drip.push(byte)
    expect([drip.pendingBytes, drip.heldBytes < 2 * 5024]).toEqual([5024, true])
  })

  it('hold at the end of a batch too: no more than it has', () => {
    const written = encodeAll([bytes(100_000)])
    const decoder = new FrameDecoder(ignore)
    for (let at = 0; at < written.length - 1; at += 999) {
      decoder.push(written.subarray(at, Math.min(at + 999, written.length - 1)))
      expect(decoder.heldBytes).toBeLessThanOrEqual(written.length)
    }
    decoder.push(written.subarray(-1))
    expect(decoder.pendingBytes).toBe(0)
  })

  it('let memory go after a large batch, and when a link has become quiet', () => {
    const large = encodeAll([bytes(500_000)])
    const small = encodeAll([bytes(5000)])
    const decoder = new FrameDecoder(ignore)
    decoder.push(large.subarray(0, 400_000))
    expect(decoder.heldBytes).toBeGreaterThan(400_000)
    decoder.push(large.subarray(400_000))
    expect(decoder.heldBytes).toBe(0)
    decoder.push(small.subarray(0, 3000))
    decoder.push(small.subarray(3000))
    const held = decoder.heldBytes
    expect(held).toBeGreaterThan(3000)
    for (let i = 0; i < 63; i++) decoder.push(small)
    expect(decoder.heldBytes).toBe(held)
    // It is needed once more, and kept for as long again.
    decoder.push(small.subarray(0, 3000))
    decoder.push(small.subarray(3000))
    for (let i = 0; i < 63; i++) decoder.push(small)
    expect(decoder.heldBytes).toBe(held)
    decoder.push(small)
    expect(decoder.heldBytes).toBe(0)
  })
})

it('a decoder remembers nothing of a frame for the next one', () => {
  const writer = new FrameWriter()
  writer.append(9, 255, bytes(1), bytes(25))
  writer.append(1, 0, bytes(1))
  const seen: unknown[] = []
  new FrameDecoder(frame => seen.push(keep(frame))).push(writer.take())
  expect(seen[1]).toEqual({ type: 1, flags: 0, payload: '07', trace: undefined })
})
