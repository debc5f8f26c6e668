import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  compliance: 'src/compliance.ts',
  lz4: 'src/lz4.ts',
  schema: 'src/schema.ts',
  'platform-node': 'src/platform/platform-node.ts',
  'platform-default': 'src/platform/platform-default.ts',
})
