/** Below so many peers in its mesh a topic wants more. Source: gossipsub's D_low, as the lean clients set it. */
export const D_LOW = 6

/** How many more peers the mesh of a topic wants. */
export function meshDeficit(meshSize: number): number {
  return Math.max(0, D_LOW - meshSize)
}
