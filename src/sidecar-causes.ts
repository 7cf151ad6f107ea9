export type { Cause } from './http/cause.ts'
export { causesOf } from './http/causes.ts'
export type { MeshDocument } from './http/mesh-document.ts'
