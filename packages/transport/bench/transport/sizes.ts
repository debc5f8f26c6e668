/** Bytes of an event, and of a message that is echoed. */
export const EVENT_BYTES = 64
/** What that is on the wire, alone in a batch: its header, the frame's header, the payload. */
export const WIRE_BYTES = 24 + 8 + EVENT_BYTES
/** Types of messages. */
export const EVENT = 1
export const ECHO = 2
/** The last byte of what is sent to the bare sink. */
export const RAW_END = 255
