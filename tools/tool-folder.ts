import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ToolError } from './tool-error.ts'
import type { Tool } from './tools.ts'

const CHECKOUT = resolve(import.meta.dirname, '..')
const KEY_LENGTH = 16

/** Outside the checkout, so that a fresh clone finds what an older one has built. */
export function toolsFolder(): string {
  const { LEANMESH_TOOLS_DIR, XDG_CACHE_HOME } = process.env
  if (LEANMESH_TOOLS_DIR) return resolve(LEANMESH_TOOLS_DIR)
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'leanmesh', 'tools')
}

export function sourceFolder(tool: Tool): string {
  return join(CHECKOUT, tool.source)
}

/**
 * The tool's folder, keyed by all that defines it: sources, lock file, command, toolchain, platform. A change of any of these is
 * another folder, so a stale binary is never run.
 */
export function toolFolder(tool: Tool): string {
  return join(toolsFolder(), `${tool.name}-${keyOf(tool)}`)
}

function keyOf(tool: Tool): string {
  const hash = createHash('sha256')
  const source = sourceFolder(tool)
  const build = tool.command({ source: '<source>', bin: '<bin>', scratch: '<scratch>' })
  hash.update(JSON.stringify([process.platform, process.arch, toolchainOf(tool), tool.environment, build]))
  for (const path of globSync('**', { cwd: source, exclude: ['target'] }).sort()) {
    const file = join(source, path)
    if (statSync(file).isFile()) hash.update(JSON.stringify([path, readFileSync(file, 'utf8')]))
  }
  return hash.digest('hex').slice(0, KEY_LENGTH)
}

function toolchainOf(tool: Tool): string {
  const [program = '', ...words] = tool.toolchain
  try {
    // In the source's folder, because Go and Rust choose their version by what they find there.
    return execFileSync(program, words, { cwd: sourceFolder(tool), encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch (cause) {
    throw new ToolError(`${tool.name} needs \`${program}\`, which cannot be run: install it, or put it on the PATH`, {
      cause,
    })
  }
}
