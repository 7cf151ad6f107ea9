/** The programs that tests and benchmarks run against and that cannot be had from npm: one row each. */
import { join } from 'node:path'

export interface Places {
  /** The folder, in the checkout, that defines the tool. */
  readonly source: string
  /** Where the build puts its binaries; becomes the tool's folder. */
  readonly bin: string
  /** Kept between builds, so that the next one is quicker. */
  readonly scratch: string
}

export interface Tool {
  readonly name: string
  readonly binaries: readonly string[]
  /** Relative to the checkout. All of it, lock file included, is part of the tool's key. */
  readonly source: string
  /** Prints the toolchain's version, which is part of the key. */
  readonly toolchain: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly command: (places: Places) => readonly string[]
}

const GO = {
  toolchain: ['go', 'env', 'GOVERSION'],
  // GOFLAGS is emptied, so that the machine's own cannot change what is built.
  environment: { CGO_ENABLED: '0', GOFLAGS: '' },
} as const

function goBuild(bin: string, ...more: string[]): string[] {
  return ['go', 'build', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', '-o', `${bin}/`, ...more]
}

export const TOOLS: readonly Tool[] = [
  {
    name: 'rust-peer',
    binaries: ['rust-peer'],
    source: 'test/peers/rust',
    toolchain: ['rustc', '--version'],
    environment: {},
    command: ({ source, bin, scratch }) => {
      const places = ['--path', source, '--target-dir', scratch, '--root', join(bin, '..')]
      return ['cargo', 'install', '--locked', '--no-track', '--force', ...places]
    },
  },
  {
    name: 'go-peer',
    binaries: ['go-peer'],
    source: 'test/peers/go',
    ...GO,
    command: ({ bin }) => goBuild(bin, '.'),
  },
  {
    // Without service discovery, which the tests do not use and which is most of its dependencies.
    name: 'prometheus',
    binaries: ['prometheus', 'promtool'],
    source: 'tools/prometheus',
    ...GO,
    command: ({ bin }) => {
      const packages = ['prometheus', 'promtool'].map((name) => `github.com/prometheus/prometheus/cmd/${name}`)
      return goBuild(bin, '-tags=remove_all_sd', ...packages)
    },
  },
  {
    name: 'kustomize',
    binaries: ['kustomize'],
    source: 'tools/kustomize',
    ...GO,
    command: ({ bin }) => goBuild(bin, 'sigs.k8s.io/kustomize/kustomize/v5'),
  },
  {
    // Of all service discovery only that of Kubernetes, which deploy/collector uses.
    name: 'collector',
    binaries: ['collector'],
    source: 'tools/collector',
    ...GO,
    command: ({ bin }) => goBuild(bin, '-tags=remove_all_sd,enable_kubernetes_sd', '.'),
  },
]
