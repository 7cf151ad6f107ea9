/**
 * `node tools/bundle/bundle-programs.ts [folder [target]]`: puts each program of the compiled package (in `dist` unless told otherwise) into a few
 * files where its entry was, or into another folder, with the packages that it needs. From 900 small files the sidecar takes three times as long to start, and
 * both processes hold 15 MiB more. What others import, `index.js` and the modules under it, stays as it was compiled.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { rolldown, type RolldownOutput } from 'rolldown'
import { addonBesideItsPackage, httpAlone, oneCopyEach } from './bundle-plugins.ts'
import { noticesOf } from './bundle-notices.ts'

/** Folders of `dist`, and the entries that each gets. What one of them starts it looks for in these places. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  cli: ['cli/main', 'web-config/bcrypt-worker'],
  '.': ['swarm-main', 'devnet-main'],
}
const QUIC = '@chainsafe/libp2p-quic'

async function bundled(dist: string, entries: readonly string[]): Promise<RolldownOutput> {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [basename(entry), join(dist, `${entry}.js`)])),
    platform: 'node',
    // It is CommonJS, and looks for its addon beside itself.
    external: ['snappy'],
    plugins: [httpAlone(), oneCopyEach(), addonBesideItsPackage(QUIC)],
    // A file that is read at run time goes with what reads it.
    experimental: { resolveNewUrlToAsset: true },
  })
  // Not minified: that saves 1 MiB more, and whoever sends a stack trace would send one that nobody can read.
  return await build.generate({
    chunkFileNames: '[name]-[hash].js',
    assetFileNames: '[name]-[hash][extname]',
    comments: { legal: true, annotation: false, jsdoc: false },
  })
}

const [dist = resolve('dist'), target = dist] = process.argv.slice(2).map((folder) => resolve(folder))
const programs: [folder: string, RolldownOutput][] = []
for (const [folder, entries] of Object.entries(PROGRAMS)) programs.push([folder, await bundled(dist, entries)])
// Nothing else imports what the command was made of.
rmSync(join(target, 'cli'), { recursive: true, force: true })
for (const [folder, { output }] of programs) {
  for (const file of output) {
    const path = join(target, folder, file.fileName)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.type === 'chunk' ? file.code : file.source)
  }
}
const modules = programs.flatMap(([, { output }]) =>
  output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])),
)
writeFileSync(join(target, 'NOTICES.txt'), noticesOf(modules))
