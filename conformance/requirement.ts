import type { RequirementId } from './requirements';

/** How a requirement is answered. */
export type Answer = 'met' | 'replaced' | 'documented' | 'open';

/** Later work. A requirement that waits for it may be open. */
export type Later = 'live-trading limits' | 'sentiment, on-chain metrics and goals' | 'several strategies from a file';

type Proof = () => void;

/** Separates the parts of a test's name. */
export const SEPARATOR = ' · ';

/**
 * The requirement holds as it is written.
 * @param claim what the test shows, as a sentence
 */
export function met(id: RequirementId, claim: string, proof: Proof): void {
  test(nameOf(id, 'met', claim), proof);
}

/**
 * Something else serves the same need.
 * @param claim what the test shows about that, as a sentence
 * @param reason why the requirement cannot be met as it is written
 */
export function replaced(id: RequirementId, claim: string, reason: string, proof: Proof): void {
  test(nameOf(id, 'replaced', claim, reason), proof);
}

/**
 * The requirement is prose, and so is the answer.
 * @param claim which text answers it; the test checks that the text exists
 */
export function documented(id: RequirementId, claim: string, proof: Proof): void {
  test(nameOf(id, 'documented', claim), proof);
}

/** Nothing answers it yet. */
export function open(id: RequirementId, later: Later): void {
  test.todo(nameOf(id, 'open', `comes with ${later}`));
}

function nameOf(id: RequirementId, answer: Answer, ...sentences: readonly string[]): string {
  return [id, answer, ...sentences].join(SEPARATOR);
}
