import { PROTOCOLS } from './mesh-rows.ts'
import type { MetricsRegister } from './metrics-register.ts'

/** Says which protocols are offered after gossipsub's own choice was narrowed down: it tells of them only at its start. */
export function tellProtocols(register: MetricsRegister, offered: readonly string[]): void {
  const gauge = register.gauge<{ protocol: string }>({ name: 'gossipsub_protocol', help: '', labelNames: ['protocol'] })
  for (const protocol of PROTOCOLS) gauge.set({ protocol }, offered.includes(protocol) ? 1 : 0)
}
