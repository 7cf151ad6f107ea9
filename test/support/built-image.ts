/** Builds the image once for all tests of it, into a storage that is removed after them. */
import type { TestProject } from 'vitest/node'
import { buildImage } from '../../tools/image/build-image.ts'
import { createContainerStorage } from '../../tools/image/container-storage.ts'

export const IMAGE = 'localhost/leanmesh'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the storage that has the image. */
    containerStorage: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const storage = await createContainerStorage()
  try {
    await buildImage(storage.buildah, IMAGE)
  } catch (error) {
    await storage[Symbol.asyncDispose]()
    throw error
  }
  project.provide('containerStorage', storage.folder)
  return () => storage[Symbol.asyncDispose]()
}
