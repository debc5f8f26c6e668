/** The logical log of the one partition. */
export const PARTITION_LOG = 1

/** The term of a partition on one node, which has one leader for ever. */
export const LOCAL_TERM = 1
