/** What whoever runs `npm run tools` or `npm run image` can mend; its message says all, so no stack is shown. */
export class ToolError extends Error {
  override name = 'ToolError'
}
