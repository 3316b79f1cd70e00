import { randomUUID } from 'node:crypto';
import { getNamedType, type GraphQLSchema, isEnumType, isInterfaceType, isObjectType } from 'graphql';
import { type OwnValues } from './input-places';
import { ALIAS } from './operation-document';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** What nobody writes by chance: ids, digests, cursors, keys. */
const TOKEN = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9_-]{20,}/gi;

/** All that a tenant's own answers have shown: what another must never see. */
export class KnownValues implements OwnValues {
  /** By what they name: a type's name where the type is known, else `Type.field`. */
  readonly ids = new Map<string, Set<string>>();
  /** By the type that they are a place in. */
  readonly cursors = new Map<string, Set<string>>();
  readonly links = new Set<string>();
  private readonly enums = new Map<string, string>();
  private readonly tokens = new Set<string>();
  /** What stands where the tenant has nothing: the same each time, so that requests can be told apart by what they ask. */
  private readonly nobodys = new Map<string, string>();
  /** Id of the key that the tenant comes with: it is named by nobody of its own accord, who would lock himself out. */
  keyInUse: string | null = null;

  constructor(
    private readonly schema: GraphQLSchema,
    /** A text in what the tenant keeps to itself. */
    readonly marker: string,
    /** A name that the tenant gave to something, and others may give as well. */
    readonly name: string,
    private readonly preferred: Readonly<Record<string, string>> = {},
  ) {}

  /** Takes in an answer, or any part of it that names its types. */
  learn(value: unknown): void {
    if (Array.isArray(value)) {
      value.forEach((each) => this.learn(each));
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const entries = Object.entries(value);
    const typename: unknown = (value as { __typename?: unknown }).__typename;
    for (const [name, inner] of entries) {
      if (typeof inner === 'string' && name !== '__typename')
        this.learnText(typeof typename === 'string' ? typename : '', name, inner);
      else this.learn(inner);
    }
  }

  /** Something that was said once and is nowhere to be read, such as a key. */
  learnSecret(text: string): void {
    for (const token of tokensOf(text)) this.tokens.add(token);
  }

  /** What of a text only this tenant can know. */
  found(text: string, ...others: readonly KnownValues[]): string[] {
    const found = tokensOf(text).filter(
      (token) => this.tokens.has(token) && !others.some((other) => other.tokens.has(token)),
    );
    return [...new Set(text.includes(this.marker) ? [...found, this.marker] : found)];
  }

  /** An id that the tenant gave itself, by the name that fields and inputs have for it. */
  note(name: string, id: string): void {
    add(this.ids, `.${name}`, id);
    this.learnSecret(id);
  }

  holds(id: string): boolean {
    return [...this.ids.values()].some((ids) => ids.has(id));
  }

  get text(): string {
    return this.marker;
  }

  id(name: string, description = ''): string {
    const ids = this.typesOf(name, description).map((type) =>
      [...(this.ids.get(type) ?? [])].filter((id) => id !== this.keyInUse).at(-1),
    );
    const nobodys = this.nobodys.get(name) ?? randomUUID();
    this.nobodys.set(name, nobodys);
    return ids.find((id) => id !== undefined) ?? nobodys;
  }

  enumValue(type: string, values: readonly string[]): string {
    const value = this.preferred[type] ?? this.enums.get(type);
    return value !== undefined && values.includes(value) ? value : (values[0] ?? '');
  }

  /**
   * Types of the ids that a place is for: by its name, as `runId` is the id of a TrainingRun; by a field of that name; or by what
   * the schema says of it, where that names a type in words.
   */
  typesOf(name: string, description: string): string[] {
    const stem = name.replace(/Ids?$/, '').toLowerCase();
    const types = [...this.ids.keys()].sort((a, b) => a.length - b.length);
    const words = description.toLowerCase();
    const ways = [
      (type: string) => stem.length > 2 && type.toLowerCase().endsWith(stem),
      (type: string) => type.endsWith(`.${name}`),
      (type: string) => stem.length > 2 && type.toLowerCase().includes(stem),
      (type: string) => words.includes(type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()),
    ];
    return ways.map((way) => types.filter(way)).find((matching) => matching.length > 0) ?? [];
  }

  private learnText(typename: string, name: string, text: string): void {
    this.learnSecret(text);
    if (/^(https?:\/)?\/[^\s/]+\/\S+$/.test(text) && text.search(UUID) > 0) this.links.add(text);
    const type = this.schema.getType(typename);
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    const fieldName = name.split(ALIAS).at(-1) ?? name;
    const field = type.getFields()[fieldName];
    if (!field) return;
    const inner = getNamedType(field.type);
    if (isEnumType(inner)) this.enums.set(inner.name, text);
    if (/cursor$/i.test(fieldName)) add(this.cursors, typename, text);
    if (inner.name !== 'ID') return;
    add(
      this.ids,
      fieldName === 'id' ? typename : (this.referenceOf(fieldName) ?? `${typename}.${fieldName}`),
      text,
    );
  }

  private referenceOf(fieldName: string): string | null {
    const name = fieldName.replace(/Id$/, '');
    const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
    return this.schema.getType(type) ? type : null;
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value));
}

/** The tokens of a text, and of what is written in base64 in it. */
export function tokensOf(text: string): string[] {
  const plain = (text.match(TOKEN) ?? []).map((token) => token.toLowerCase());
  const hidden = (text.match(TOKEN) ?? []).flatMap(
    (token) => Buffer.from(token, 'base64url').toString('latin1').match(UUID) ?? [],
  );
  return [...plain, ...hidden.map((token) => token.toLowerCase())];
}
