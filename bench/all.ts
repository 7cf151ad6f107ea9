/** All benches, one after the other: at the same time they would measure each other. */
await import('./start.ts')
await import('./scrape.ts')
await import('./flood.ts')
await import('./gossipsub.ts')
await import('./message-cost.ts')
