export interface Platform {
  os: string
  cpu: string
  libc?: 'glibc' | 'musl'
}

const SYSTEMS = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
])
const PROCESSORS = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'])

/**
 * The platform that a package's name ends in, as all prebuilt native packages are named: `…-<os>-<cpu>[-<abi>]`.
 * The C library is read from `gnu` and `musl` only: npm cannot tell the 32-bit ARM variants apart either.
 */
export function platformOf(packageName: string): Platform | undefined {
  const words = packageName.slice(packageName.lastIndexOf('/') + 1).split('-')
  const at = words.findIndex((word, index) => SYSTEMS.has(word) && PROCESSORS.has(words[index + 1] ?? ''))
  const [os, cpu, abi] = words.slice(at)
  if (at < 0 || os === undefined || cpu === undefined) return undefined
  if (os === 'linux' && abi === 'gnu') return { os, cpu, libc: 'glibc' }
  if (os === 'linux' && abi === 'musl') return { os, cpu, libc: 'musl' }
  return { os, cpu }
}
