const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }

/** A URL that a browser on this machine can open: every address is one to listen on, and none to go to. */
export function openableUrl(url: string): string {
  const opened = new URL(url)
  opened.hostname = LOOPBACK_OF[opened.hostname] ?? opened.hostname
  return opened.href
}
