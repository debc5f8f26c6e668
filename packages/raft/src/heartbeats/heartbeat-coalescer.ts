import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { nodeOf } from '../member-id.ts'
import type { MsgHeartbeat, MsgHeartbeatResp, PeerMessage } from '../messages/message.ts'

/**
 * Heartbeats and answers to heartbeats, of many groups, that go to one node together. The receiver gives each message to its member of the group at the same
 * place: `groups.forEach((group, i) => nodes.get(group)?.step(messages[i]))`.
 */
export interface HeartbeatFrame {
  /** The node that they go to. */
  readonly node: number
  /** The group of the message at the same place. */
  readonly groups: readonly number[]
  /** In the order in which they were taken. */
  readonly messages: readonly (MsgHeartbeat | MsgHeartbeatResp)[]
}

interface Gathering {
  readonly node: number
  readonly groups: number[]
  readonly messages: (MsgHeartbeat | MsgHeartbeatResp)[]
}

/**
 * Gathers the heartbeats of many groups, so that two nodes exchange one frame a tick instead of one for each group that they share. Heartbeats can wait for one
 * another and overtake other messages: they say nothing that depends on order.
 */
export class HeartbeatCoalescer {
  readonly #byNode = new Map<number, Gathering[]>()
  readonly #maxPerFrame: number
  readonly #maxGathered: number
  #gathered = 0

  /**
   * @param maxPerFrame most messages in a frame, from 1 to 1,000,000; 1,000 when left out
   * @param maxGathered most messages between two calls of {@link drain}, from 1 to 10,000,000; 100,000 when left out
   * @throws {OptionError}
   */
  constructor(maxPerFrame = 1_000, maxGathered = 100_000) {
    this.#maxPerFrame = wholeNumber('maxPerFrame', maxPerFrame, 1, 1_000_000)
    this.#maxGathered = wholeNumber('maxGathered', maxGathered, 1, 10_000_000)
  }

  /**
   * Takes a message of a group if it is a heartbeat or the answer to one, and there is room; false of what it leaves, which is to be sent by itself.
   *
   * @param group from 0 to 2^53 - 1
   * @throws {OptionError}
   */
  take(group: number, message: PeerMessage): boolean {
    wholeNumber('group', group, 0, Number.MAX_SAFE_INTEGER)
    if (typeof message?.type !== 'string') throw new OptionError('message', message, 'what one member sends to another')
    if (message.type !== 'MsgHeartbeat' && message.type !== 'MsgHeartbeatResp') return false
    if (this.#gathered >= this.#maxGathered) return false
    const frame = this.#frameFor(nodeOf(message.to))
    this.#gathered++
    frame.groups.push(group)
    frame.messages.push(message)
    return true
  }

  /** What has gathered, by ascending node; nothing is left. */
  drain(): HeartbeatFrame[] {
    const frames = [...this.#byNode.values()].flat().sort((a, b) => a.node - b.node)
    this.#byNode.clear()
    this.#gathered = 0
    return frames
  }

  /** A frame for a node with room for one more. */
  #frameFor(node: number): Gathering {
    const frames = this.#byNode.get(node) ?? []
    const newest = frames.at(-1)
    if (newest !== undefined && newest.groups.length < this.#maxPerFrame) return newest
    const frame = { node, groups: [], messages: [] }
    frames.push(frame)
    this.#byNode.set(node, frames)
    return frame
  }
}
