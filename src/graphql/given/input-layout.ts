import {
  getNamedType,
  type GraphQLInputField,
  GraphQLID,
  GraphQLFloat,
  GraphQLBoolean,
  type GraphQLInputObjectType,
  GraphQLString,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { type GivenColumn } from '../../learning/features/given-examples';
import { DateTimeISO } from '../date-time';

/** A field of an input, as its bytes are read. */
export interface InputField {
  /** The name in quotes. */
  readonly key: Uint8Array;
  readonly read: 'number' | 'text' | 'id' | 'boolean' | 'moment' | 'group' | 'events' | 'nothing';
  readonly slot: number;
  /** Of a group. */
  readonly group: InputFields | null;
}

/** The fields of an object. */
export interface InputFields {
  readonly list: readonly InputField[];
  /** Which field came after each the last time; [0]: at the beginning. Objects mostly have their fields in one order. */
  readonly after: Uint8Array;
}

/** A type of inputs or events as rows of numbers and texts. */
export interface RowLayout {
  readonly fields: InputFields;
  readonly numbers: number;
  readonly texts: number;
  /** By the field's name; of a field in a group, `<group>.<name>`. */
  readonly columns: ReadonlyMap<string, GivenColumn>;
}

export interface InputLayout extends RowLayout {
  /** The field that lists events, and what one of them holds; null where there is none. */
  readonly events: { readonly name: string; readonly row: RowLayout } | null;
}

/** Fields that a bit of a number stands for. */
const MAX_FIELDS = 31;

const layouts = new WeakMap<GraphQLInputObjectType, InputLayout | null>();

/**
 * How inputs of a type are read as rows: those of numbers, texts and moments, in groups or not, with one list of events
 * of the same. Other lists are read where they are empty.
 *
 * @returns null for types that have anything else
 */
export function inputLayout(type: GraphQLInputObjectType): InputLayout | null {
  let layout = layouts.get(type);
  if (layout === undefined) layouts.set(type, (layout = new LayoutBuilder('inputs').layout(type)));
  return layout;
}

class LayoutBuilder {
  private readonly columns = new Map<string, GivenColumn>();
  private numbers = 0;
  private texts = 0;
  private events: InputLayout['events'] = null;

  constructor(private readonly of: 'inputs' | 'events') {}

  layout(type: GraphQLInputObjectType): InputLayout | null {
    const fields = this.fields(type, '');
    if (!fields) return null;
    const { numbers, texts, columns, events } = this;
    return { fields, numbers, texts, columns, events };
  }

  private fields(type: GraphQLInputObjectType, prefix: string): InputFields | null {
    const all = Object.values(type.getFields());
    if (all.length > MAX_FIELDS || type.isOneOf) return null;
    const fields = all.map((field) => this.field(field, prefix));
    const list = fields.filter((field) => field !== null);
    return list.length === fields.length ? { list, after: new Uint8Array(list.length + 1) } : null;
  }

  private field({ name, type, defaultValue }: GraphQLInputField, prefix: string): InputField | null {
    if (isNonNullType(type) || defaultValue !== undefined) return null;
    const key = Buffer.from(JSON.stringify(name));
    if (isListType(type)) return this.list(name, type.ofType, { key, prefix });
    if (isInputObjectType(type)) {
      const group = prefix === '' && this.of === 'inputs' ? this.fields(type, `${name}.`) : null;
      return group && { key, read: 'group', slot: 0, group };
    }
    const read = READS.get(type);
    if (!read) return null;
    const holds = read === 'number' || read === 'moment' ? 'number' : 'text';
    const slot = holds === 'number' ? this.numbers++ : this.texts++;
    this.columns.set(`${prefix}${name}`, { holds, slot });
    return { key, read, slot, group: null };
  }

  private list(
    name: string,
    element: GraphQLInputType,
    { key, prefix }: { readonly key: Uint8Array; readonly prefix: string },
  ): InputField {
    const nothing = { key, read: 'nothing', slot: 0, group: null } as const;
    const type = getNamedType(element);
    if (prefix !== '' || this.of === 'events' || this.events || !isInputObjectType(type)) return nothing;
    const row = new LayoutBuilder('events').layout(type);
    if (!row) return nothing;
    this.events = { name, row };
    return { ...nothing, read: 'events' };
  }
}

const READS = new Map<GraphQLInputType, InputField['read']>([
  [GraphQLFloat, 'number'],
  [GraphQLString, 'text'],
  [GraphQLID, 'id'],
  [GraphQLBoolean, 'boolean'],
  [DateTimeISO, 'moment'],
]);
