/** Everything went well. */
export const EXIT_OK = 0
/** The sidecar could not start or go on, though its settings are good; or what was examined does not conform. */
export const EXIT_FAILURE = 1
/** The command line, a setting or a file is wrong. */
export const EXIT_BAD_INPUT = 2
/** What was to be examined could not be reached. */
export const EXIT_NOT_REACHED = 3
