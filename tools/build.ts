/** `npm run tools [-- name…]`: builds what is missing of tools/tools.ts. */
import { binarySizes, buildTool } from './build-tool.ts'
import { ToolError } from './tool-error.ts'
import { toolFolder } from './tool-folder.ts'
import { TOOLS, type Tool } from './tools.ts'

async function build(tool: Tool): Promise<void> {
  const started = performance.now()
  console.log(`${tool.name}: ${toolFolder(tool)}`)
  const isNew = await buildTool(tool)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const sizes = [...(await binarySizes(tool))].map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(0)} MiB`)
  console.log(`${tool.name}: ${isNew ? `built in ${seconds} s` : 'up to date'} (${sizes.join(', ')})`)
}

function selected(names: readonly string[]): readonly Tool[] {
  const unknown = names.filter((name) => !TOOLS.some((tool) => tool.name === name))
  if (unknown.length > 0) {
    throw new ToolError(`No such tool: ${unknown.join(', ')}. There are ${TOOLS.map(({ name }) => name).join(', ')}`)
  }
  return names.length === 0 ? TOOLS : TOOLS.filter(({ name }) => names.includes(name))
}

try {
  // One after the other: each build uses all cores by itself.
  for (const tool of selected(process.argv.slice(2))) await build(tool)
} catch (error) {
  console.error(error instanceof ToolError ? error.message : error)
  process.exitCode = 1
}
