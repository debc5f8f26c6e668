import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Hash64, type OrderFlow, restoreFlow, saveFlow } from '@disruptorx/exchange'
import { writeFileAtomically } from '../data-dir/atomic-file.ts'

/** The file in a live node's directory from which the generator goes on. */
const CHECKPOINT_FILE = 'generator.checkpoint'

/*
 * Format, little-endian:
 *
 *   0   u32  magic        8   u64  seed          24  u64  hash of the flow's bytes
 *   4   u32  version      16  u64  events made   32       the flow, as the exchange saves it
 */
const MAGIC = 0x43475844
const VERSION = 1
const HEADING_BYTES = 32
/** A flow is about half a MiB; what is larger is none. */
const MOST_BYTES = 64 * 1024 ** 2

/** Takes a flow down as it is now, as the content of a checkpoint. */
export function encodeCheckpoint(flow: OrderFlow, seed: number): Buffer {
  const pieces: Buffer[] = []
  const hash = new Hash64()
  const write = (bytes: Uint8Array) => {
    pieces.push(Buffer.from(bytes))
    hash.bytes(bytes)
  }
  saveFlow(flow, { write })
  const heading = Buffer.alloc(HEADING_BYTES)
  heading.writeUInt32LE(MAGIC, 0)
  heading.writeUInt32LE(VERSION, 4)
  heading.writeBigUInt64LE(BigInt(seed), 8)
  heading.writeBigUInt64LE(BigInt(flow.count), 16)
  heading.writeUInt32LE(hash.low, 24)
  heading.writeUInt32LE(hash.high, 28)
  return Buffer.concat([heading, ...pieces])
}

/** Keeps a checkpoint, durably. Only for one whose events are all durable. */
export function writeCheckpoint(directory: string, content: Buffer): Promise<void> {
  return writeFileAtomically(join(directory, CHECKPOINT_FILE), content)
}

/** What a directory's checkpoint is worth. */
export type Checkpoint = { readonly kind: 'flow'; readonly flow: OrderFlow } | { readonly kind: 'unusable'; readonly reason: string }

/** Reads a directory's checkpoint. One that is missing, damaged or of another seed is `unusable`, for a reason in words. */
export async function readCheckpoint(directory: string, seed: number): Promise<Checkpoint> {
  let content: Buffer
  try {
    content = await readFile(join(directory, CHECKPOINT_FILE))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'unusable', reason: 'there is none' }
    throw error
  }
  return decodeCheckpoint(content, seed)
}

/** Reads the content of a checkpoint. */
export function decodeCheckpoint(content: Buffer, seed: number): Checkpoint {
  const unusable = (reason: string) => ({ kind: 'unusable', reason }) as const
  if (content.length < HEADING_BYTES || content.length > MOST_BYTES || content.readUInt32LE(0) !== MAGIC) return unusable('it is damaged')
  if (content.readUInt32LE(4) !== VERSION) return unusable(`its format ${content.readUInt32LE(4)} is not ${VERSION}`)
  const body = content.subarray(HEADING_BYTES)
  const hash = new Hash64().bytes(body)
  if (hash.low !== content.readUInt32LE(24) || hash.high !== content.readUInt32LE(28)) return unusable('it is damaged')
  if (content.readBigUInt64LE(8) !== BigInt(seed)) return unusable('it is of another seed')
  try {
    const flow = restoreFlow(readerOf(body))
    return BigInt(flow.count) === content.readBigUInt64LE(16) ? { kind: 'flow', flow } : unusable('it is damaged')
  } catch (error) {
    return unusable((error as Error).message)
  }
}

function readerOf(bytes: Uint8Array): { read(target: Uint8Array): void } {
  let at = 0
  return {
    read(target) {
      if (at + target.length > bytes.length) throw new Error('it ends too early')
      target.set(bytes.subarray(at, at + target.length))
      at += target.length
    },
  }
}
