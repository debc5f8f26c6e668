import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type Carrier, OptionError, type PipeAcceptor, type PipeListener } from '@disruptorx/contracts'
import { ListenError, UnreachableError } from '../errors.ts'
import { SocketPipe } from './socket-pipe.ts'
import { describeSystemError } from './system-errors.ts'
import { closed, listening } from './tcp-listener.ts'

/** What remote addresses are called: all who may open the socket are alike. */
const REMOTE = 'unix'
/** The longest path that every system takes, in bytes. */
const MOST_PATH_BYTES = 103

/** Unix domain sockets, with addresses such as `unix:/run/demo/a.sock`. Only this user can connect: the socket's mode is 0600. */
export function unix(): Carrier {
  return {
    scheme: 'unix',
    listen: async (address, _terms, acceptor) => listenUnix(address, pathOf(address), acceptor),
    dial(address, _terms, opened, failed) {
      const socket = connect({ path: pathOf(address) })
      const fail = (error: Error) => failed(new UnreachableError(address, describeSystemError(error), error))
      socket.once('error', fail)
      socket.once('connect', () => {
        socket.off('error', fail)
        opened(new SocketPipe(socket, REMOTE))
      })
      return () => {
        socket.removeAllListeners()
        socket.on('error', () => {})
        socket.destroy()
      }
    },
  }
}

async function listenUnix(address: string, path: string, acceptor: PipeAcceptor): Promise<PipeListener> {
  await refuseUsed(address, path)
  const server = createServer(socket => {
    if (acceptor.admits(REMOTE)) acceptor.accept(new SocketPipe(socket, REMOTE))
    else socket.destroy()
  })
  // Under another name first: nobody finds it before its mode is set, and what a dead process left is replaced in one step.
  const first = join(dirname(path), `.${randomBytes(4).toString('hex')}`)
  await listening(server, address, { path: first })
  try {
    chmodSync(first, 0o600)
    renameSync(first, path)
  } catch (error) {
    server.close()
    rmSync(first, { force: true })
    throw new ListenError(address, describeSystemError(error), error)
  }
  const { ino } = lstatSync(path)
  const close = async () => {
    await closed(server)
    removeOwn(path, ino)
  }
  return { address, close }
}

/** Makes sure that nobody listens at a path, and that nothing but a socket would be replaced. @throws {ListenError} */
async function refuseUsed(address: string, path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new ListenError(address, 'there is a file of that name which is no socket')
  const isAnswered = await new Promise<boolean>(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
  if (isAnswered) throw new ListenError(address, 'somebody listens there already')
}

/** Removes a socket, unless another process has put its own there. */
function removeOwn(path: string, ino: number): void {
  try {
    if (lstatSync(path).ino === ino) unlinkSync(path)
  } catch {
    // Somebody has removed it already.
  }
}

function pathOf(address: string): string {
  const path = address.startsWith('unix:/') ? address.slice('unix:'.length) : ''
  const bytes = Buffer.byteLength(path)
  if (path === '' || bytes > MOST_PATH_BYTES || path.includes('\0') || path.endsWith('/'))
    throw new OptionError('address', address, `unix: and an absolute path of at most ${MOST_PATH_BYTES} bytes`)
  return path
}
