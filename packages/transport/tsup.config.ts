import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  compliance: 'src/compliance.ts',
  tcp: 'src/platform/tcp.ts',
  unix: 'src/platform/unix.ts',
  ws: 'src/platform/ws.ts',
  'platform-node': 'src/platform/platform-node.ts',
  'platform-default': 'src/platform/platform-default.ts',
})
