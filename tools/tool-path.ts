import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ToolError } from './tool-error.ts'
import { toolFolder } from './tool-folder.ts'
import { TOOLS } from './tools.ts'

/**
 * Where the binary is that `npm run tools` has built from the checkout as it is now.
 * @throws an error that says what to run, when it is not built
 */
export function toolPath(binary: string): string {
  const tool = TOOLS.find(({ binaries }) => binaries.includes(binary))
  if (tool === undefined) {
    const known = TOOLS.flatMap(({ binaries }) => binaries).join(', ')
    throw new ToolError(`There is no tool ${binary}; tools/tools.ts has ${known}`)
  }
  const path = join(toolFolder(tool), binary)
  if (!existsSync(path))
    throw new ToolError(`${binary} is not built as the checkout now defines it: run \`npm run tools\` (${path})`)
  return path
}
