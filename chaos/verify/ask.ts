import { setTimeout as sleep } from 'node:timers/promises';
import { type z } from 'zod';
import { type Caller } from '../load/caller';

const ATTEMPTS = 20;

/** An answer of a platform that has settled: what fails is asked again, and in the end an error. */
export async function ask<T>(
  caller: Caller,
  { query, answer }: { readonly query: string; readonly answer: z.ZodType<T> },
  variables: object = {},
): Promise<T> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const told = await caller.field(query, variables, answer);
    if (told !== null) return told;
    await sleep(1_000);
  }
  throw new Error(`no answer after the faults to ${query} with ${JSON.stringify(variables)}`);
}

interface Page<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** All nodes of a connection. */
export async function askAll<T>(
  caller: Caller,
  operation: { readonly query: string; readonly answer: z.ZodType<Page<T>> },
  variables: object = {},
): Promise<T[]> {
  const nodes: T[] = [];
  for (let after: string | null = null; ;) {
    const page: Page<T> = await ask(caller, operation, { ...variables, after });
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}
