/**
 * The headers of every answer. The page loads its own script and asks this server alone; its one style sheet is inline
 * and allowed by its hash. So text that a peer chose cannot run or load anything even if it were not escaped: what else
 * this server answers is no script, by its type, which browsers must not guess.
 *
 * @param styleHash the style sheet's SHA-256 in base64
 */
export function securityHeaders(styleHash: string): Record<string, string> {
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
}
