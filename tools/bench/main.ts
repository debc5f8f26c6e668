import { repository } from '../verify/workspace.ts'
import { command } from './command.ts'

process.exitCode = await command(process.argv.slice(2), repository, console)
