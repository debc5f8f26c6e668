import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  compliance: 'src/compliance.ts',
  'compliance-mover': 'src/platform/compliance-mover.ts',
})
