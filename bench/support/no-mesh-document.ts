/** Where `/v1/mesh` would come from. No bench asks for it. */
export function noMeshDocument(): never {
  throw new Error('a bench serves /metrics only')
}
