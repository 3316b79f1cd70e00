import { type GraphQLSchema, parse, validate } from 'graphql';
import { type Answer, type Disguise, type Party } from './party';
import { documentOf } from './operation-document';
import { type KnownValues } from './known-values';
import { type RootField, rootFieldsOf } from './published-schema';

const DEPTH = 4;
const TOO_MUCH = new Set(['OPERATION_TOO_LARGE', 'OPERATION_TOO_COSTLY']);

/** One tenant with what it knows. */
export interface Tenant {
  readonly party: Party;
  readonly known: KnownValues;
}

export interface Request {
  readonly root: RootField;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Calls any field of a schema and asks for all of its answer that the server gives at once. */
export class Caller {
  readonly roots: readonly RootField[];
  /** How deep a field is asked: less where the server refuses more. */
  private readonly depths = new Map<string, number>();
  /** Documents that fit the schema. */
  private readonly checked = new Set<string>();

  constructor(readonly schema: GraphQLSchema) {
    this.roots = rootFieldsOf(schema);
  }

  root(name: string): RootField | null {
    return this.roots.find((root) => root.name === name) ?? null;
  }

  document({ root, args }: Request, known: KnownValues): string {
    const depth = this.depths.get(root.name) ?? DEPTH;
    const text = documentOf(root, Object.keys(args), { schema: this.schema, own: known, depth });
    const [error] = this.checked.has(text) ? [] : validate(this.schema, parse(text));
    if (error) throw new Error(`no operation can be written for ${root.name}: ${error.message}`);
    this.checked.add(text);
    return text;
  }

  async call({ party, known }: Tenant, request: Request, disguise?: Disguise): Promise<Answer> {
    return this.callBy(known, request, (document) => party.ask(document, request.args, disguise));
  }

  /** Sends by any way; asks for less where the server finds it too much. */
  async callBy(
    known: KnownValues,
    request: Request,
    send: (document: string) => Promise<Answer>,
  ): Promise<Answer> {
    for (;;) {
      const answer = await send(this.document(request, known));
      const depth = this.depths.get(request.root.name) ?? DEPTH;
      if (depth === 0 || !answer.errors.some(({ code }) => TOO_MUCH.has(code))) return answer;
      this.depths.set(request.root.name, depth - 1);
    }
  }
}

/** Whether an answer is of something done or read, and not of an error, typed or not. */
export function succeeded(answer: Answer): boolean {
  return answer.errors.length === 0 && Object.values(answer.data ?? {}).some((value) => !isUserError(value));
}

/** A member of a union that says what is wrong. */
function isUserError(value: unknown): boolean {
  return value === null || (typeof value === 'object' && 'code' in value && 'message' in value);
}
