import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { ToolError } from './tool-error.ts'
import { sourceFolder, toolFolder, toolsFolder } from './tool-folder.ts'
import type { Tool } from './tools.ts'

const LAST_LINES = 40

/** True when it was built, false when it was there already. Safe to run twice at once: each builds its own, one rename wins. */
export async function buildTool(tool: Tool): Promise<boolean> {
  const folder = toolFolder(tool)
  if (existsSync(folder)) return false
  await mkdir(toolsFolder(), { recursive: true })
  const temporary = await mkdtemp(join(toolsFolder(), `.${tool.name}-`))
  try {
    const bin = join(temporary, 'bin')
    await mkdir(bin)
    await run(tool, bin)
    for (const binary of tool.binaries) await chmod(join(bin, binary), 0o755)
    await renameUnlessThere(bin, folder)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return true
}

/** In bytes, by binary. */
export async function binarySizes(tool: Tool): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  for (const binary of tool.binaries) sizes.set(binary, (await stat(join(toolFolder(tool), binary))).size)
  return sizes
}

async function run(tool: Tool, bin: string): Promise<void> {
  const source = sourceFolder(tool)
  const command = tool.command({ source, bin, scratch: join(toolsFolder(), `.${tool.name}-scratch`) })
  const [program = '', ...words] = command
  const child = spawn(program, words, {
    cwd: source,
    env: { ...process.env, ...tool.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = new PassThrough()
  child.stdout.pipe(output, { end: false })
  child.stderr.pipe(output, { end: false })
  const ended = once(child, 'close').then(
    ([code, signal]) => (code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`),
    (error: unknown) => String(error),
  )
  void ended.then(() => output.end())
  const lines: string[] = []
  for await (const line of createInterface({ input: output })) {
    lines.push(line)
    if (lines.length > LAST_LINES) lines.shift()
  }
  const failure = await ended
  if (failure === undefined) return
  lines.push(failure)
  throw new ToolError([`${tool.name} could not be built by`, `  ${command.join(' ')}`, ...lines].join('\n'))
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}
