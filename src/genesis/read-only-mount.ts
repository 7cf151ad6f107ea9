import { readFile, realpath } from 'node:fs/promises'

interface Mount {
  point: string
  isReadOnly: boolean
}

/** One line of `/proc/self/mountinfo`: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function parseMount(line: string): Mount {
  const [own = '', ofFileSystem = ''] = line.split(' - ')
  const fields = own.split(' ')
  const options = [fields[5] ?? '', ofFileSystem.split(' ')[2] ?? ''].flatMap((list) => list.split(','))
  const unescape = (_: string, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))
  return { point: (fields[4] ?? '').replaceAll(/\\([0-7]{3})/g, unescape), isReadOnly: options.includes('ro') }
}

/**
 * Whether a path lies on a read-only mount.
 *
 * @param mountInfo the text of `/proc/self/mountinfo`
 * @param path absolute, without links
 */
export function isReadOnlyPath(mountInfo: string, path: string): boolean {
  const mounts = mountInfo.split('\n').filter(Boolean).map(parseMount)
  const above = mounts.filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`))
  const longest = Math.max(...above.map(({ point }) => point.length))
  // Of two mounts on one point the later hides the earlier.
  return above.findLast(({ point }) => point.length === longest)?.isReadOnly ?? false
}

/**
 * Whether a file lies on a read-only mount. `access` cannot tell: to a user who may not write the file it says so
 * before it looks at the mount, which is how a secret is mounted into a pod. Only Linux can be asked; elsewhere false.
 */
export async function isOnReadOnlyMount(path: string): Promise<boolean> {
  try {
    const [mountInfo, real] = await Promise.all([readFile('/proc/self/mountinfo', 'utf8'), realpath(path)])
    return isReadOnlyPath(mountInfo, real)
  } catch {
    return false
  }
}
