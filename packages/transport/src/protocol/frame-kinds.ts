/*
 * What a frame is, in its flags. The type belongs to the application, and is 0 in frames of the protocol. FORMAT.md says what is in them.
 */

/** A message: all of the payload is the application's. */
export const MESSAGE = 0
/** id 4, milliseconds to answer 4 (0: no limit), body. */
export const REQUEST = 1
/** id 4, body. */
export const ANSWER = 2
/** id 4, length of the code 1, code, text. */
export const FAILURE = 3
/** id 4: nobody waits for the answer any more. */
export const CANCEL = 4
/** id 4, header. */
export const STREAM_OPEN = 16
/** id 4, bytes. */
export const STREAM_DATA = 17
/** id 4: the sender has sent everything. */
export const STREAM_END = 18
/** id 4, text: the sender gave it up. */
export const STREAM_ABORT = 19
/** id 4, bytes 4: the receiver has consumed so many more. */
export const STREAM_CREDIT = 20
/** id 4, text: the receiver wants no more. */
export const STREAM_STOP = 21
/** id 4: the receiver has consumed everything. */
export const STREAM_DONE = 22
/** stamp 8, frames sent before on this link 8. */
export const PING = 32
/** The stamp of the ping 8. */
export const PONG = 33
/** Text, perhaps empty: the link ends here. */
export const GOODBYE = 34

export const HELLO = 240
export const PROOF = 241
/** Number of the link 4. */
export const OPEN = 242
/** Nothing. */
export const READY = 243
/** Reason 1, text. */
export const REFUSE = 244
