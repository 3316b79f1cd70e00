import { argumentsFor } from './input-places';
import { masked } from './mask-answer';
import { type Disguise, Party } from './party';
import { type Notes } from './proof';
import { type Trial } from './try-operation';

/** Credentials of the owner's that have ended, or never were any. */
export interface DeadCredentials {
  /** Keys that were revoked, or replaced without an overlap. */
  readonly keys: readonly string[];
  /** The id and the visible beginning of a key that is in force. */
  readonly traces: readonly string[];
}

const HEADERS = [
  'x-tenant-id',
  'x-tenant',
  'tenant-id',
  'tenant',
  'x-organization-id',
  'x-account-id',
  'x-user-id',
  'x-forwarded-user',
  'x-original-tenant',
  'x-propensity-tenant',
];

/** Says in every other way that the stranger is the owner: headers, cookies, the address, the body around the operation. */
export async function tryDisguises(trial: Trial, ownerId: string, notes: Notes): Promise<void> {
  const disguises: readonly (readonly [string, Disguise])[] = [
    [
      'headers',
      {
        headers: {
          ...Object.fromEntries(HEADERS.map((name) => [name, ownerId])),
          cookie: `tenant=${ownerId}; tenantId=${ownerId}`,
          'x-forwarded-for': '127.0.0.1',
        },
      },
    ],
    ['the address', { search: `?tenantId=${ownerId}&tenant=${ownerId}&tenant_id=${ownerId}` }],
    ['the body', { body: { tenantId: ownerId, tenant: ownerId, extensions: { tenantId: ownerId } } }],
  ];
  const { caller, owner, stranger } = trial;
  for (const root of caller.roots.filter(({ operation }) => operation === 'query')) {
    const request = { root, args: argumentsFor(root.field.args, stranger.known) };
    const plain = async (disguise?: Disguise) => {
      notes.requests += 1;
      return caller.call(stranger, request, disguise);
    };
    for (const [name, disguise] of disguises) {
      const place = `${root.name} with the tenant in ${name}`;
      notes.places.add(place);
      const answer = await plain(disguise);
      if (answer.data !== null) notes.answered += 1;
      const found = owner.known.found(answer.text.replaceAll(ownerId, ''), stranger.known);
      if (found.length > 0) notes.find('LEAK', place, found.slice(0, 3).join(', '));
      // A refusal of the disguise itself is fine; another answer is not.
      if (answer.data === null) continue;
      const undisguised = masked(await plain(), ownerId);
      if (masked(answer, ownerId).countless !== undisguised.countless)
        notes.find('ORACLE', place, 'the answer is another one than without it');
    }
  }
}

/** Comes with what is left of the owner's keys, alone and beside the stranger's own: nothing of the owner's may answer. */
export async function tryKeys(trial: Trial, { keys, traces }: DeadCredentials, notes: Notes): Promise<void> {
  const { caller, owner, stranger } = trial;
  const attempts: readonly (readonly [string, Party, Disguise])[] = [
    ...[...keys, ...traces].flatMap((key, index) => {
      const name = index < keys.length ? 'a key that has ended' : 'the trace of a key';
      return [
        [`${name}, as Bearer`, new Party(stranger.party.url, key), {}],
        [`${name}, as x-api-key`, new Party(stranger.party.url, null), { headers: { 'x-api-key': key } }],
      ] as const;
    }),
  ];
  for (const root of caller.roots.filter(({ operation }) => operation === 'query')) {
    const request = { root, args: argumentsFor(root.field.args, owner.known) };
    for (const [place, party, disguise] of attempts) {
      notes.places.add(place);
      notes.requests += 1;
      const answer = await caller.call({ party, known: owner.known }, request, disguise);
      if (answer.data === null) continue;
      notes.answered += 1;
      notes.find('ACCESS', place, `${root.name} was answered`);
    }
  }
}
