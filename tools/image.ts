/** `npm run image [-- NAME]`: builds the image without a registry, into the storage of this machine's buildah and podman. */
import { buildImage } from './image/build-image.ts'
import { Buildah } from './image/buildah.ts'
import { ToolError } from './tool-error.ts'

const [name = 'localhost/leanmesh'] = process.argv.slice(2)
try {
  await buildImage(new Buildah(), name)
  console.log(`built ${name}; run it with: podman run --rm --network=host ${name} run --devnet 4`)
} catch (error) {
  console.error(error instanceof ToolError ? error.message : error)
  process.exitCode = 1
}
