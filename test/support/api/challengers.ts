import { KIND } from './table-dataset';
import { type ApiTenant, type TestApi } from './test-api';
import { trainedModel } from './trained-model';

export interface ChallengerAnswer {
  readonly id: string;
  readonly isRunning: boolean;
  readonly ending: string | null;
  readonly endedBy: string | null;
  readonly reason: string | null;
  readonly modelVersion: { readonly id: string };
  readonly trial: {
    readonly id: string;
    readonly number: number;
    readonly mode: string;
    readonly share: number;
  };
  readonly trials: readonly { readonly champion: { readonly id: string } }[];
  readonly figures: {
    readonly verdict: string;
    readonly because: string | null;
    readonly champion: Side;
    readonly challenger: Side;
    readonly logLossDifference: {
      readonly value: number;
      readonly low: number;
      readonly high: number;
    } | null;
  } | null;
}
interface Side {
  readonly outcomes: number;
  readonly positives: number;
  readonly subjects: number;
  readonly asked: number;
  readonly errors: number;
  readonly logLoss: { readonly value: number; readonly low: number } | null;
}

const SIDE = '{ outcomes positives subjects asked errors logLoss { value low } }';
export const CHALLENGER = `{ id isRunning ending endedBy reason modelVersion { id } trial { id number mode share }
  trials { champion { id } }
  figures { verdict because champion ${SIDE} challenger ${SIDE} logLossDifference { value low high } } }`;

interface Changed {
  readonly challenger: ChallengerAnswer;
  readonly code?: string;
  readonly issues?: readonly { readonly path: string }[];
}

/** The fields of a mutation's answer, whatever came of it. */
export async function changeChallenger({ caller }: ApiTenant, name: string, input: object): Promise<Changed> {
  const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
  const issues = name === 'promoteChallenger' ? '' : '... on InvalidInput { issues { path } }';
  const { answer } = await caller.data<{ answer: Changed }>(
    `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) {
       ... on ${type}Success { challenger ${CHALLENGER} } ... on UserError { code } ${issues} } }`,
    { input: { domain: KIND, ...input } },
  );
  return answer;
}
export async function challengerOf({ caller }: ApiTenant): Promise<ChallengerAnswer | null> {
  const { challenger: found } = await caller.data<{ challenger: ChallengerAnswer | null }>(
    `{ challenger(domain: ${KIND}) ${CHALLENGER} }`,
  );
  return found;
}

/** What tries a version out beside one that serves. */
export async function challengerInput(test: TestApi, owner: ApiTenant): Promise<object> {
  const [champion, other] = [await trainedModel(test, owner), await trainedModel(test, owner)];
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id: champion.id },
  );
  return { domain: KIND, modelVersionId: other.id, mode: 'SHADOW', share: 0.1 };
}

/** The id of a challenger that runs. */
export async function startedChallenger(test: TestApi, owner: ApiTenant): Promise<string> {
  const input = await challengerInput(test, owner);
  return (await changeChallenger(owner, 'startChallenger', input)).challenger.id;
}
