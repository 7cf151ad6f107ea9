import { closest, distance } from 'fastest-levenshtein'

/** ` Did you mean …?`, or nothing where no candidate is near: a far-fetched guess is worse than none. */
export function suggestion(word: string, candidates: readonly string[]): string {
  if (word.length > 100 || candidates.length === 0) return ''
  const nearest = closest(word, candidates)
  const isNear = distance(word, nearest) <= Math.max(2, Math.floor(nearest.length / 4))
  return isNear ? ` Did you mean ${nearest}?` : ''
}
