/** Who uses a {@link Pipe}. Called one call at a time, never from within a call of the pipe but for `destroy`, which may call {@link closed}. */
export interface PipeUser {
  /** Bytes came, cut anywhere. They are valid during the call only. */
  received(bytes: Uint8Array): void
  /** What was handed over by `write` has gone: its memory may be used again, and there is room for the next. */
  written(): void
  /** The pipe is gone, by `end` at either side, or with an error. The last call. */
  closed(error: Error | undefined): void
}

/** A connection of two processes that carries bytes both ways, in order. What a transport makes links of. */
export interface Pipe {
  /** Where the other end is, without a port: what limits per address go by, and what messages show. */
  readonly remoteAddress: string
  /** Names in the certificate that the other end has proved to own, verified; `undefined` where there is none. */
  readonly certificateNames: readonly string[] | undefined
  /** Bytes that only the two ends of this pipe know, as TLS exports them; `undefined` where the pipe has none. */
  readonly binding: Uint8Array | undefined
  /** Why the other end may not come in: it is told so, and nothing else is exchanged. @default it may */
  readonly refusal?: Error | undefined
  /** Names the user. Nothing is received before. Called once. */
  open(user: PipeUser): void
  /** Hands over at least one byte, and leaves its memory alone until `written` is called. Not before that for the write before. */
  write(bytes: Uint8Array): void
  /** Reads no more until {@link resume}, so that the other end is held up. What was read already may still come. */
  pause(): void
  resume(): void
  /** Ends the pipe after what was written. Without effect on one that is gone. */
  end(): void
  /** Ends the pipe at once. Without effect on one that is gone. */
  destroy(): void
}

/** What a carrier is told about who uses its pipes. */
export interface PipeTerms {
  /** Whether every peer has to prove that it knows the cluster's secret. */
  readonly hasSecret: boolean
}

/** Takes connections at an address until it is closed. */
export interface PipeListener {
  /** Where it really listens: with the port that it got. */
  readonly address: string
  /** Takes no more connections. Those that there are stay. */
  close(): Promise<void>
}

/** What a listener does with connections. */
export interface PipeAcceptor {
  /** Whether one more connection from this address is welcome: asked before anything is spent on it. */
  admits(remoteAddress: string): boolean
  /** A connection is there. */
  accept(pipe: Pipe): void
  /** A connection failed before it was there, such as by its certificate. */
  failed(remoteAddress: string, error: Error): void
}

/** A way by which bytes get from process to process: TCP, Unix sockets, WebSocket, memory, a simulated network. */
export interface Carrier {
  /** How its addresses begin: `tcp` for `tcp://host:port`. */
  readonly scheme: string
  /**
   * Takes connections at an address.
   *
   * @throws {DisruptorError} code `DX_INSECURE_ADDRESS`: the address can be reached from other machines, and neither mutual TLS nor a secret keeps strangers out;
   * `DX_LISTEN`: the address cannot be had; `DX_OPTION`: it is no address of this carrier
   */
  listen(address: string, terms: PipeTerms, acceptor: PipeAcceptor): Promise<PipeListener>
  /** Makes a connection: calls `opened` or `failed` once, later. The result gives it up: then neither is called. @throws {OptionError} no address of this carrier */
  dial(address: string, terms: PipeTerms, opened: (pipe: Pipe) => void, failed: (error: Error) => void): () => void
}
