import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { FRAME_OVERHEAD_BYTES } from './descriptor.ts'

/** What a link allows. Both ends have to agree: a writer makes nothing beyond its limits, a decoder takes nothing beyond its own. */
export interface FrameLimits {
  /** Bound of one frame's payload, in bytes: 1 to 2^28. @default 1 MiB */
  readonly maxFrameBytes?: number
  /** Bound of the frames of one batch, in bytes before compression: from `maxFrameBytes + 33` to 2^29. @default maxFrameBytes + 64 KiB */
  readonly maxBatchBytes?: number
  /** Bound of the frames of one batch, in number: 1 to 2^24. @default 65,536 */
  readonly maxFrames?: number
}

/** @internal {@link FrameLimits} with everything filled in. */
export type ResolvedFrameLimits = Required<FrameLimits>

/** Checks limits and fills in the defaults. @throws {OptionError} */
export function resolveFrameLimits(limits: FrameLimits): ResolvedFrameLimits {
  const maxFrameBytes = wholeNumber('maxFrameBytes', limits.maxFrameBytes ?? 2 ** 20, 1, 2 ** 28)
  const maxBatchBytes = wholeNumber('maxBatchBytes', limits.maxBatchBytes ?? maxFrameBytes + 2 ** 16, 1, 2 ** 29)
  if (maxBatchBytes < maxFrameBytes + FRAME_OVERHEAD_BYTES)
    throw new OptionError(
      'maxBatchBytes',
      maxBatchBytes,
      `at least maxFrameBytes + ${FRAME_OVERHEAD_BYTES}, here ${maxFrameBytes + FRAME_OVERHEAD_BYTES}`,
    )
  return { maxFrameBytes, maxBatchBytes, maxFrames: wholeNumber('maxFrames', limits.maxFrames ?? 65_536, 1, 2 ** 24) }
}
